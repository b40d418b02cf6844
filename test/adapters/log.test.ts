import { createLog, type LogLevel } from '../../src/adapters/log';

const capture = (options: { level?: LogLevel; pretty?: boolean; colour?: boolean } = {}) => {
  const lines: string[] = [];
  const stream = { write: (line: string) => lines.push(line) };
  return { lines, log: createLog({ level: 'debug', pretty: false, ...options, stream }) };
};

test('a line is one JSON object with level, time, text and fields', () => {
  const { lines, log } = capture();
  log.child({ part: 'kafka' }).warn({ retryMs: 2_000 }, 'broker is down');
  expect(JSON.parse(lines[0])).toEqual({
    level: 'warn',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    part: 'kafka',
    retryMs: 2_000,
    msg: 'broker is down',
  });
});

test('the level holds back what is below it', () => {
  const { lines, log } = capture({ level: 'warn' });
  log.info('no');
  log.warn('yes');
  expect(lines).toHaveLength(1);
});

test('no secret passes, by name, by look, in addresses, errors or bindings', () => {
  const canary = 'Canary7Secret9Value3';
  const { lines, log } = capture();
  log.info(
    { password: canary, deep: { list: [{ webhookSecret: canary }], api_key: canary }, passwordFrom: canary },
    'a',
  );
  log.info(`token is whsec_${canary} and sk_live_${canary}`);
  log.info('asked %s', `https://user:${canary}@host/path?key=${canary}`);
  log.child({ token: canary, sasl: { password: canary } }).info('b');
  log.error(new Error(`refused kafka://u:${canary}@broker:9092`, { cause: new Error(`password=${canary}`) }));
  log.error({ err: Object.assign(new Error('x'), { config: { auth: canary } }) }, 'c');
  expect(lines).toHaveLength(6);
  expect(lines.join('')).not.toContain(canary);
  expect(lines[2]).toContain('https://host/path');
  expect(JSON.parse(lines[4])).toMatchObject({ msg: 'refused kafka://broker:9092', err: { type: 'Error' } });
});

test.each([true, false])('no control character reaches the reader (pretty: %s)', (pretty) => {
  const { lines, log } = capture({ pretty });
  log.warn({ path: '/a\x1b[2J\u202e', deep: { x: 'b\x07' } }, 'seen \x1b]0;title\x07%s', '\x9b31m');
  expect(lines.join('').replace(/\n/g, '')).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202e]|\\u00|\\u202e/);
});

test('size and depth are bounded, cycles included', () => {
  const { lines, log } = capture();
  const cycle: Record<string, unknown> = {
    text: 'x'.repeat(1_000_000),
    list: Array(10_000).fill('y'),
    buffer: Buffer.alloc(99),
  };
  cycle.self = cycle;
  log.info(cycle, 'big');
  expect(lines[0].length).toBeLessThan(50_000);
  expect(JSON.parse(lines[0])).toMatchObject({ buffer: '99 bytes', self: { self: {} } });
});

test('for people: time, level, text and fields on one short line, colour only where asked', () => {
  const plain = capture({ pretty: true });
  plain.log.warn({ part: 'kafka', why: 'no route to host' }, 'broker is down');
  expect(plain.lines[0]).toMatch(/^\d\d:\d\d:\d\d WARN {2}broker is down {2}part=kafka {2}why="no route to host"\n$/);
  const coloured = capture({ pretty: true, colour: true });
  coloured.log.error(new Error('boo'));
  expect(coloured.lines[0]).toContain('\x1b[31mERROR\x1b[0m boo');
  expect(coloured.lines[0].split('\n')[1]).toContain('at ');
});
