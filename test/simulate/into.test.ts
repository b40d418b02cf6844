import type { UsageEvent } from '../../src/domain/event';
import { createMixer, type MixedRecord } from '../../src/simulate/into';
import { surveyLog } from '../../src/simulate/into-survey';
import { type TheftKind, theftKinds } from '../../src/simulate/kinds';
import { blocks, rangeOf } from '../../src/simulate/networks';
import { random } from '../../src/simulate/random';

const DAY = 86_400_000;
const T0 = Date.UTC(2026, 2, 2);
const DAYS = 12;
const countryOf = (ip: string) =>
  blocks.find(({ cidr }) => {
    const { base, size } = rangeOf(cidr);
    const n = rangeOf(ip).base;
    return n >= base && n < base + size;
  })?.country ?? '';

/** Keys of one machine in Germany each, by day; every fifth is used by a crowd of Swiss phones instead. */
function* log(keys: number, methods: readonly string[] = ['GET', 'POST']): Generator<UsageEvent> {
  const rng = random('into');
  for (let minute = 0; minute < DAYS * 1440; minute += 7) {
    const hour = Math.floor(minute / 60) % 24;
    if (hour < 8 || hour > 17) continue;
    for (let k = 0; k < keys; k++) {
      const crowd = k % 5 === 4;
      yield {
        ts: T0 + minute * 60_000 + k,
        key: `k${k}`,
        keyKind: 'credential',
        keyName: `key ${k}`,
        tenant: `t${k}`,
        ip: crowd ? `178.192.${rng.int(200)}.${1 + rng.int(200)}` : `88.99.${128 + k}.9`,
        method: rng.pick(methods),
        path: `/shelf-${k % 3}/item/${rng.int(50)}`,
        route: '/shelf/{id}',
        status: rng.chance(0.02) ? 404 : 200,
        userAgent: crowd ? `phone/${rng.int(3)}` : `client-${k}/1.0`,
        bytes: 1_000 + rng.int(1_000),
        latencyMs: undefined,
        requestId: '',
        country: crowd ? 'CH' : 'DE',
        outcome: '',
      };
    }
  }
}

const factsOf = (events: Iterable<UsageEvent>) => {
  const survey = surveyLog(3);
  for (const event of events) survey.see(event);
  return survey.facts();
};

function mixed(events: () => Iterable<UsageEvent>, thefts: number, seed = 3) {
  const mixer = createMixer(factsOf(events()), { seed, thefts });
  const records: MixedRecord[] = [];
  for (const event of events()) records.push(...mixer.take(event));
  records.push(...mixer.rest());
  return { labels: mixer.labels, records };
}

describe('simulated thieves in a log', () => {
  const { labels, records } = mixed(() => log(60), theftKinds.length);
  const stolen = records.filter((r) => r.theftId !== undefined);
  const of = (kind: TheftKind) => {
    const ids = labels.filter((l) => l.kind === kind).map((l) => l.theftId);
    return stolen.filter((r) => ids.includes(r.theftId!)).map((r) => r.record);
  };

  test('every kind that the log offers a place for is there, each key stolen once', () => {
    // The owners' machines are not in a cloud of ours; another /24 of their /16 stands for it.
    expect(new Set(labels.map((l) => l.kind))).toEqual(new Set(theftKinds));
    expect(new Set(labels.map((l) => l.key)).size).toBe(labels.length);
  });

  test('in time order, the log unchanged between the thieves', () => {
    const times = records.map((r) => Date.parse(String(r.record.ts)));
    expect(times).toEqual([...times].sort((a, b) => a - b));
    const own = records
      .filter((r) => r.theftId === undefined)
      .map((r) => `${Date.parse(String(r.record.ts))} ${r.record.key} ${r.record.path} ${r.record.route}`);
    expect(own).toEqual([...log(60)].map((e) => `${e.ts} ${e.key} ${e.path} ${e.route}`));
  });

  test('labels tell exactly the thefts, in the last third, on keys with a past', () => {
    for (const label of labels) {
      const own = stolen.filter((r) => r.theftId === label.theftId).map((r) => r.record);
      expect([label.start, label.end, label.events]).toEqual([own[0]!.ts, own.at(-1)!.ts, own.length]);
      expect(new Set(own.map((r) => `${r.key} ${r.ip}`))).toEqual(new Set([`${label.key} ${label.thief.ip}`]));
      expect(Date.parse(label.start)).toBeGreaterThanOrEqual(T0 + 0.6 * DAYS * DAY);
      expect(label.windowEnd >= label.end).toBe(true);
    }
  });

  test('thieves sit where their kind says', () => {
    const wide = (ip: string) => ip.split('.').slice(0, 2).join('.');
    const [abroad] = of('theft-abroad');
    expect(['DE', '']).not.toContain(countryOf(abroad!.ip!));
    const [country] = of('theft-same-country');
    expect(['DE', 'CH']).toContain(countryOf(country!.ip!));
    const victim = (key: string) => [...log(60)].filter((e) => e.key === key);
    const [cloud] = of('theft-same-cloud');
    const networks = victim(cloud!.key).map((e) => e.ip);
    expect(networks.map(wide)).toContain(wide(cloud!.ip!));
    expect(networks.map((ip) => ip.slice(0, ip.lastIndexOf('.')))).not.toContain(
      cloud!.ip!.slice(0, cloud!.ip!.lastIndexOf('.')),
    );
    const [insider] = of('theft-insider');
    expect(victim(insider!.key).map((e) => e.ip)).not.toContain(insider!.ip);
    const [host] = of('theft-on-host');
    expect(victim(host!.key).map((e) => e.ip)).toContain(host!.ip);
    expect(victim(host!.key).map((e) => e.userAgent)).toContain(host!.userAgent);
    const [phone] = of('theft-same-carrier');
    expect(Number(phone!.key.slice(1)) % 5).toBe(4);
  });

  test('what they ask for, and how large it is, is of the log', () => {
    const shape = (path: string) => path.replace(/\d+/g, '#');
    for (const { record } of stolen) {
      expect(shape(record.path!)).toBe('/shelf-#/item/#');
      expect(record.bytes).toBeLessThan(30_000);
    }
    expect(new Set(of('theft-scraping').map((r) => r.path)).size).toBe(of('theft-scraping').length);
    const failed = of('theft-enumeration').filter((r) => r.status! >= 400).length;
    expect(failed / of('theft-enumeration').length).toBeCloseTo(0.5, 1);
    const most = Math.max(...[...log(60)].map((e) => e.bytes!));
    expect(Math.max(...of('theft-exfiltration').map((r) => r.bytes!))).toBeGreaterThan(most);
  });

  test('the same seed gives the same thefts, another one others', () => {
    expect(mixed(() => log(60), theftKinds.length)).toEqual({ labels, records });
    expect(mixed(() => log(60), theftKinds.length, 4).labels).not.toEqual(labels);
  });
});

test('what a log offers no place for is left out', () => {
  const readOnly = mixed(() => log(40, ['GET']), theftKinds.length);
  expect(readOnly.labels.map((l) => l.kind)).not.toContain('theft-cryptomining');
  const withoutSizes = function* () {
    for (const event of log(40)) yield { ...event, ip: '', bytes: undefined };
  };
  const kinds = new Set(mixed(withoutSizes, theftKinds.length).labels.map((l) => l.kind));
  for (const kind of ['theft-insider', 'theft-same-cloud', 'theft-on-host', 'theft-exfiltration'])
    expect(kinds).not.toContain(kind);
  expect(kinds).toContain('theft-abroad');
});

test('a log without a key that has a past is refused', () => {
  const short = [...log(2)].slice(0, 40);
  expect(() => createMixer(factsOf(short), { seed: 1, thefts: 1 })).toThrow(/no key with a past/);
});
