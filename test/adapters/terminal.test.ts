import fc from 'fast-check';
import {
  bar,
  clip,
  durationText,
  grouped,
  paint,
  progress,
  safeText,
  table,
  visibleWidth,
  wantsColour,
  wrap,
} from '../../src/adapters/terminal';

describe('safeText', () => {
  it('spells out what would speak to the terminal', () => {
    expect(safeText('a\u001b[2Jb', 40)).toBe('a\\x1b[2Jb');
    expect(safeText('line\r\nnext\tend', 40)).toBe('line\\x0d\\x0anext\\x09end');
    expect(safeText('\u009b31m', 40)).toBe('\\x9b31m');
    expect(safeText('exe\u202egpj', 40)).toBe('exe\\u{202e}gpj');
    expect(safeText('\u2066x\u200b\ufeff\u2028', 60)).toBe('\\u{2066}x\\u{200b}\\u{feff}\\u{2028}');
    expect(safeText('\ud800', 40)).toBe('\\u{d800}');
    expect(safeText('\u{e0041}', 40)).toBe('\\u{e0041}');
  });

  it('leaves people their letters', () => {
    expect(safeText('Ünïcode 日本 naïve', 40)).toBe('Ünïcode 日本 naïve');
  });

  it('cuts with an ellipsis, counting wide characters as two', () => {
    expect(safeText('abcdef', 4)).toBe('abc…');
    expect(safeText('日本語日本語', 5)).toBe('日本…');
    expect(safeText('abc', 3)).toBe('abc');
  });

  it('does not let combining marks pile up', () => {
    expect(safeText(`a${'\u0301'.repeat(500)}b`, 20).length).toBeLessThan(8);
  });

  it('never lets an unsafe character through nor exceeds the width, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.integer({ min: 1, max: 60 }), (text, max) => {
        const out = safeText(text, max);
        expect(out).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
        expect(visibleWidth(out)).toBeLessThanOrEqual(max);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('layout', () => {
  it('aligns columns by what is visible, painted or not', () => {
    const p = paint(true);
    const lines = table(
      [
        ['a', '1'],
        [p.red('bbb'), '22'],
      ],
      { right: [1] },
    );
    expect(lines.map(visibleWidth)).toEqual([7, 7]);
    expect(lines[0]).toBe('a     1');
  });

  it('narrows the widest column first', () => {
    const lines = table([['key', 'a very long sentence that does not fit']], { width: 20 });
    expect(lines).toEqual(['key  a very long se…']);
  });

  it('cuts painted text and closes the colour', () => {
    expect(clip(paint(true).red('abcdef'), 4)).toBe('\u001b[31mabc…\u001b[0m');
    expect(paint(false).red('abc')).toBe('abc');
  });

  it('wraps at spaces', () => {
    expect(wrap('one two three', 8)).toEqual(['one two', 'three']);
    expect(wrap('unbreakable', 5)).toEqual(['unbr…']);
  });

  it('draws bars and numbers', () => {
    expect(bar(0.5, 4)).toBe('██░░');
    expect(bar(Number.NaN, 2)).toBe('░░');
    expect(bar(7, 2)).toBe('██');
    expect(grouped(1234567)).toBe('1,234,567');
    expect(durationText(200_000)).toBe('3 m 20 s');
    expect(durationText(90_000_000)).toBe('1 d 1 h');
    expect(durationText(3)).toBe('0 s');
  });

  it('has no colour without a terminal or where the environment declines it', () => {
    expect(wantsColour({ isTTY: true }, {})).toBe(true);
    expect(wantsColour({ isTTY: true }, { NO_COLOR: '1' })).toBe(false);
    expect(wantsColour({ isTTY: true }, { NO_COLOR: '' })).toBe(true);
    expect(wantsColour({ isTTY: true }, { TERM: 'dumb' })).toBe(false);
    expect(wantsColour({}, {})).toBe(false);
  });
});

describe('progress', () => {
  const recorded = (isTTY: boolean) => {
    const written: string[] = [];
    return { written, stream: { isTTY, columns: 100, write: (text: string) => written.push(text) } };
  };

  it('is silent where nobody watches', () => {
    const { written, stream } = recorded(false);
    const line = progress({ stream, total: 10, now: () => 0 });
    line.update(5, 5);
    line.finish();
    expect(written).toEqual([]);
  });

  it('says how fast and how long still, at most ten times a second', () => {
    const { written, stream } = recorded(true);
    let at = 0;
    const line = progress({ stream, total: 1_000, now: () => at });
    at = 10_000;
    line.update(250, 50_000);
    at += 50;
    line.update(260, 51_000);
    expect(written).toHaveLength(1);
    expect(written[0]).toContain('25 %');
    expect(written[0]).toContain('50,000 events');
    expect(written[0]).toContain('5,000/s');
    expect(written[0]).toContain('30 s left');
    line.finish();
    expect(written[1]).toBe('\r\u001b[2K');
  });

  it('has no remaining time without a total', () => {
    const { written, stream } = recorded(true);
    let at = 0;
    const line = progress({ stream, now: () => at });
    at = 1_000;
    line.update(5, 70);
    expect(written[0]).toContain('70 events  70/s');
    expect(written[0]).not.toContain('left');
  });
});
