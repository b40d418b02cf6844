import { visibleWidth } from '../../src/adapters/terminal';
import { live } from '../../src/demo/live';
import { scenario, theftWords, waitFor } from '../../src/demo/scenario';
import type { DemoScore } from '../../src/demo/score';
import {
  alertLines,
  clockText,
  type DemoStatus,
  introLines,
  nextLines,
  statusLine,
  statusLines,
  summaryLines,
  webhookLines,
} from '../../src/demo/screen';
import type { AlertDocument } from '../../src/domain/alert';
import { theftKinds } from '../../src/simulate/kinds';
import { labels, simulate } from '../../src/simulate/simulate';

const at = Date.UTC(2026, 0, 12, 19, 14);
const look = { width: 100, colour: false };
const status: DemoStatus = {
  start: at - 5 * 86_400_000,
  end: at + 5 * 86_400_000,
  at,
  events: 123_456,
  keys: 60,
  mature: 45,
  alerts: 3,
  suspended: 1,
  eventsPerSecond: 41_000,
};
const alert = (saw: string) =>
  ({
    '@timestamp': new Date(at).toISOString(),
    event: { kind: 'alert', severity: 73, risk_score: 87, reason: 'A sentence.' },
    user: { id: 'k_1', name: saw },
    keywatch: {
      evidence: [{ facet: 'geography', saw, expected: 'Germany (DE) in 9,214 of 9,230 requests' }],
    },
  }) as unknown as AlertDocument;
const score: DemoScore = {
  thefts: [
    { kind: 'theft-abroad', key: 'k_1', country: 'VN', found: true, requests: 3, delayMs: 200_000, of: 80 },
    { kind: 'theft-insider', key: 'k_2', country: 'DE', found: false, requests: undefined, delayMs: undefined, of: 90 },
  ],
  found: 1,
  falseAlerts: 2,
  falseKeys: 2,
  atNewcomers: 1,
  newcomers: 9,
  keyDays: 200,
  early: 4,
};

describe('screen', () => {
  it('shows how baselines form', () => {
    const text = statusLines(status, look).join('\n');
    expect(text).toMatch(/simulated +Mon 12 Jan 19:14 +█{10}░{10} 50 %/);
    expect(text).toMatch(/events +123,456 +41,000\/s/);
    expect(text).toMatch(/with a settled past +45 +█{15}░{5}/);
    expect(statusLine(status)).toBe(
      'Mon 12 Jan 19:14  123,456 events, 60 keys known, 45 with a settled past, 3 alerts, 1 suspended',
    );
  });

  it('shows an alert with its reasons, harmless to the terminal', () => {
    expect(alertLines(alert('requests from Vietnam (VN)'), look)).toEqual([
      'Mon 12 Jan 19:14  ALERT  requests from Vietnam (VN)  high, risk 87',
      '    geography: requests from Vietnam (VN)',
      '        usually Germany (DE) in 9,214 of 9,230 requests',
    ]);
    const hostile = alertLines(alert('\u001b[2J\u202e'.repeat(100)), { width: 60, colour: false });
    for (const line of hostile) {
      expect(line).not.toMatch(/[\p{C}]/u);
      expect(visibleWidth(line)).toBeLessThanOrEqual(60);
    }
  });

  it('shows the webhook that the receiver verified', () => {
    const seen = { id: 'r1', type: 'key.suspend.requested', key: 'k_1', keyName: 'shop', at } as const;
    expect(webhookLines(seen, look)[0]).toContain('signature verified: shop is suspended');
    expect(webhookLines({ ...seen, type: 'key.release.requested' }, look)[0]).toContain('shop is released');
  });

  it('sums up what was found, missed and false', () => {
    const text = summaryLines(score, 1, look).join('\n');
    expect(text).toMatch(/used from abroad +k_1 +VN +found +3 of 80 +3 m 20 s/);
    expect(text).toMatch(/inside the owner’s network +k_2 +DE +missed +– of 90 +–/);
    expect(text).toContain('1 of 2 thefts found; 1 suspension delivered.');
    expect(text).toContain('2 false alerts on 2 keys, 10 per 1,000 key-days; 1 of them at one of 9 harmless newcomers');
    expect(text).toContain('4 alerts came earlier');
  });

  it('begins with what is going to happen and ends with what to do', () => {
    expect(introLines({ keys: 60, days: 10, seed: 7, receiver: 'http://127.0.0.1:1/' }, look).join(' ')).toContain(
      'seed 7',
    );
    const next = nextLines(look).join('\n');
    expect(next).toContain('keywatch replay --report access.ndjson');
    expect(next).toContain('keywatch run -c keywatch.yaml');
  });

  it('has a dash for what is no time', () => {
    expect(clockText(Number.NaN)).toBe('–');
  });

  it('fits narrow terminals, painted or not', () => {
    for (const colour of [true, false]) {
      const narrow = { width: 50, colour };
      const all = [
        ...introLines({ keys: 60, days: 10, seed: 7, receiver: 'http://127.0.0.1:40123/' }, narrow),
        ...statusLines(status, narrow),
        ...alertLines(alert('requests from an address of a country never seen before: Vietnam (VN)'), narrow),
        ...webhookLines({ id: 'r'.repeat(64), type: 'key.suspend.requested', key: 'k', keyName: '', at }, narrow),
        ...summaryLines(score, 1, narrow),
        ...nextLines(narrow),
      ];
      for (const line of all) expect(visibleWidth(line)).toBeLessThanOrEqual(50);
      expect(all.some((line) => line.includes('\u001b'))).toBe(colour);
    }
  });
});

describe('live', () => {
  const recorded = (tty: boolean) => {
    const written: string[] = [];
    return { written, screen: live({ ...look, tty, write: (text) => void written.push(text) }) };
  };

  it('writes plain lines where there is no terminal, the status once a simulated day', () => {
    const { written, screen } = recorded(false);
    screen.status(status);
    screen.status({ ...status, at: at + 60_000 });
    screen.say(['one', 'two']);
    screen.status({ ...status, at: at + 86_400_000 });
    screen.finish();
    expect(written.join('').split('\n')).toEqual([
      statusLine(status),
      'one',
      'two',
      statusLine({ ...status, at: at + 86_400_000 }),
      '',
    ]);
    expect(written.join('')).not.toContain('\u001b');
  });

  it('draws the status anew below what stays, on a terminal', () => {
    const { written, screen } = recorded(true);
    screen.say(['hello']);
    screen.status(status);
    screen.say(['an alert']);
    screen.finish();
    const height = statusLines(status, look).length;
    expect(written[0]).toBe('hello\n');
    expect(written[1]).toBe(`${statusLines(status, look).join('\n')}\n`);
    expect(written[2]).toBe(`\u001b[${height}A\u001b[0Jan alert\n${statusLines(status, look).join('\n')}\n`);
    expect(written[3]).toBe(`\u001b[${height}A\u001b[0J${statusLine(status)}\n`);
  });
});

describe('scenario', () => {
  it('is a fleet that a minute suffices for, with thefts in the last third', () => {
    for (const seed of [1, 2, 3, 42]) {
      const options = scenario(seed);
      const thefts = labels(options);
      expect(thefts.length).toBeGreaterThanOrEqual(6);
      expect(thefts.length).toBeLessThanOrEqual(9);
      const [first] = simulate(options);
      for (const theft of thefts) expect(Date.parse(theft.start)).toBeGreaterThan(first!.at + 6.5 * 86_400_000);
    }
    let events = 0;
    for (const _ of simulate(scenario(1))) events++;
    expect(events).toBeGreaterThan(150_000);
    expect(events).toBeLessThan(400_000);
  });

  it('has words for every kind of theft', () => {
    expect(Object.keys(theftWords).sort()).toEqual([...theftKinds].sort());
  });

  it('waits only where the machine is faster than the watcher, and gives thefts the longer part', () => {
    expect(waitFor(0.5, 1e9, 40_000)).toBe(0);
    expect(waitFor(0.66, 0, 40_000)).toBeCloseTo(16_000, 6);
    expect(waitFor(1, 10_000, 40_000)).toBeCloseTo(30_000, 6);
    for (let share = 0; share < 1; share += 0.01)
      expect(waitFor(share + 0.01, 0, 40_000)).toBeGreaterThan(waitFor(share, 0, 40_000));
  });
});
