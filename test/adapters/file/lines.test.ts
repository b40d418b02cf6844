import fc from 'fast-check';
import { createLineSplitter } from '../../../src/adapters/file/lines';

const split = (input: Buffer, cuts: readonly number[], maxBytes: number) => {
  const splitter = createLineSplitter({ maxBytes });
  const lines = [];
  let start = 0;
  for (const cut of [...cuts.map((c) => c % (input.length + 1)), input.length].sort((a, b) => a - b)) {
    lines.push(...splitter.push(input.subarray(start, cut)));
    start = cut;
  }
  const rest = splitter.rest();
  return {
    lines: lines.map(({ line, end }) => ({ line: line.toString('latin1'), end })),
    rest: rest?.line.toString('latin1'),
  };
};

describe('line splitter', () => {
  it('finds the same lines however the input is cut', () => {
    const input = fc.stringMatching(/^[ab\r\n]{0,60}$/).map((text) => Buffer.from(text));
    fc.assert(
      fc.property(input, fc.array(fc.nat(), { maxLength: 8 }), fc.integer({ min: 1, max: 12 }), (bytes, cuts, max) => {
        const { lines, rest } = split(bytes, cuts, max);
        const parts = bytes.toString('latin1').split('\n');
        const cutTo = (text: string) => (text.length > max + 1 ? text.slice(0, max + 1) : text.replace(/\r$/, ''));
        expect(lines.map(({ line }) => line)).toEqual(
          parts
            .slice(0, -1)
            .map(cutTo)
            .filter((line) => line !== ''),
        );
        expect(rest ?? '').toBe(cutTo(parts.at(-1)!));
        for (const { end } of lines) expect(bytes[end - 1]).toBe(0x0a);
      }),
    );
  });

  it('hands an overlong line on one byte longer than allowed, and the next line whole', () => {
    const input = Buffer.from(`${'x'.repeat(5_000)}\r\nshort\n`);
    const { lines } = split(input, [1, 10, 2_000, 4_999, 5_001], 100);
    expect(lines).toEqual([
      { line: 'x'.repeat(101), end: 5_002 },
      { line: 'short', end: 5_008 },
    ]);
  });

  it('knows the byte after the last completed line, from where it began', () => {
    const splitter = createLineSplitter({ maxBytes: 100, from: 1_000 });
    splitter.push(Buffer.from('ab\ncd'));
    expect(splitter.completed()).toBe(1_003);
    expect(splitter.push(Buffer.from('e\n')).map(({ line, end }) => [line.toString(), end])).toEqual([['cde', 1_007]]);
  });
});
