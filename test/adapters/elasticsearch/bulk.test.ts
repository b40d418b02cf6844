import fc from 'fast-check';
import { type Item, portions, readAnswer } from '../../../src/adapters/elasticsearch/bulk';

describe('portions', () => {
  const items = fc
    .array(fc.integer({ min: 1, max: 500 }), { maxLength: 60 })
    .map((sizes) => sizes.map((bytes, index): Item => ({ index, text: '', bytes })));
  const sum = (portion: readonly Item[]) => portion.reduce((total, { bytes }) => total + bytes, 0);

  test('are all items in order, none empty, none above the limit but a single one', () => {
    fc.assert(
      fc.property(items, fc.integer({ min: 1, max: 1_000 }), (all, max) => {
        const made = [...portions(all, max)];
        expect(made.flat()).toEqual(all);
        for (const portion of made)
          expect(portion.length === 1 || (portion.length > 0 && sum(portion) <= max)).toBe(true);
        // As few as the order allows: what begins a portion did not fit into the one before.
        for (let i = 1; i < made.length; i += 1) expect(sum(made[i - 1]) + made[i][0].bytes).toBeGreaterThan(max);
      }),
    );
  });
});

describe('readAnswer', () => {
  const item = (status: number, error?: unknown) => ({ create: { status, ...(error === undefined ? {} : { error }) } });
  const verdicts = (...items: unknown[]) => readAnswer({ status: 200, body: { items } }, items.length);

  test.each([
    [201, 'done'],
    [200, 'done'],
    [409, 'done'],
    [400, 'refused'],
    [429, 'again'],
    [403, 'again'],
    [404, 'again'],
    [500, 'again'],
    [503, 'again'],
    [Number.NaN, 'again'],
  ])('an item of status %d is %s', (status, kind) => {
    expect(verdicts(item(status, { type: 't', reason: 'r' }))).toMatchObject({ kind: 'items', verdicts: [{ kind }] });
  });

  test.each([
    [413, 'too-large'],
    [429, 'again'],
    [502, 'again'],
    [503, 'again'],
    [504, 'again'],
    [400, 'fault'],
    [401, 'fault'],
    [403, 'fault'],
    [404, 'fault'],
    [500, 'fault'],
  ])('a request of status %d is %s', (status, kind) => {
    expect(readAnswer({ status, body: { error: { type: 't', reason: 'r' } } }, 2)).toMatchObject({ kind });
  });

  test('whatever is answered, an item counts as done only by its own status', () => {
    const anything = fc.oneof(fc.jsonValue(), fc.constant(undefined));
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 599 }), anything, fc.integer({ min: 1, max: 3 }), (status, body, count) => {
        const result = readAnswer({ status, body }, count);
        if (result.kind !== 'items') return;
        expect(result.verdicts).toHaveLength(count);
        for (const verdict of result.verdicts) expect(verdict.kind).not.toBe('done');
      }),
    );
  });

  test('the reason is short and has the cause', () => {
    const error = {
      type: 'document_parsing_exception',
      reason: 'x'.repeat(1_000),
      caused_by: { type: 'c', reason: 'why' },
    };
    const result = verdicts(item(400, error));
    const [verdict] = result.kind === 'items' ? result.verdicts : [];
    expect(verdict).toMatchObject({ reason: expect.stringMatching(/^400 document_parsing_exception: x+$/) });
    expect(JSON.stringify(verdict).length).toBeLessThan(400);
    expect(verdicts(item(400, { ...error, reason: 'bad' }))).toMatchObject({
      verdicts: [{ reason: '400 document_parsing_exception: bad; c: why' }],
    });
  });
});
