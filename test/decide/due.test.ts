import fc from 'fast-check';
import { DueTimes } from '../../src/decide/due';

interface Item {
  at: number;
}

test('whatever is entered, moved on and removed, what is due is all whose time is past, each once', () => {
  const step = fc.record({
    what: fc.constantFrom('add', 'later', 'sooner', 'remove', 'ask'),
    which: fc.nat(20),
    by: fc.nat(3_000_000),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const due = new DueTimes<Item>((item) => item.at);
      const held: Item[] = [];
      let now = 0;
      for (const { what, which, by } of steps) {
        const item = held[which % Math.max(1, held.length)];
        if (what === 'add') {
          held.push({ at: now + by });
          due.place(held[held.length - 1]);
        } else if (what === 'ask') {
          now += by;
          const found = due.before(now);
          expect(new Set(found)).toEqual(new Set(held.filter(({ at }) => at < now)));
          expect(new Set(found).size).toBe(found.length);
          for (const one of found) {
            one.at = now + by + 1;
            due.place(one);
          }
        } else if (item !== undefined && what === 'later') item.at += by;
        else if (item !== undefined && what === 'sooner') {
          item.at -= by;
          due.place(item);
        } else if (item !== undefined) {
          due.remove(item);
          held.splice(held.indexOf(item), 1);
        }
      }
    }),
  );
});
