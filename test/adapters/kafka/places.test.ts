import { within } from '../../../src/adapters/kafka/places';

const facts = { committed: 5, low: 10, high: 20, start: 10 };

test('records that retention deleted before they were read are told of, once where they are skipped', () => {
  const said: unknown[] = [];
  let lost = 0;
  const where = {
    topic: 't',
    partition: 0,
    facts,
    log: (level: string, text: string, about: unknown) => void said.push([level, text, about]),
    lost: () => void lost++,
  };
  expect(within(10, where)).toBe(10);
  expect([said, lost]).toEqual([[], 0]);
  expect(within(5, where)).toBe(10);
  expect(lost).toBe(1);
  expect(said).toEqual([
    [
      'error',
      'records were deleted by retention before they were read',
      { topic: 't', partition: 0, from: 5, to: 10, records: 5 },
    ],
  ]);
  expect(() => within(21, where)).toThrow('created anew');
});
