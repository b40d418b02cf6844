import { BlockList, isIP } from 'node:net';
import fc from 'fast-check';
import { sealed } from '../../src/adapters/inventory/seal';
import { networkOf, prefixesOf } from '../../src/detect/lists/prefixes';
import { anEvent, DAY, entriesOf, HOUR, MINUTE, steadyFleet, T0, testEngine } from '../support/events';

const past = steadyFleet(12, 8, 30 * MINUTE);
const at = T0 + 8 * DAY + 9 * HOUR;

function pieces(rule: boolean, events: readonly ReturnType<typeof anEvent>[]) {
  const engine = testEngine();
  const list = { name: 'tor-exits', rule, networks: ['177.71.128.0/24', '2001:db8::/48'] };
  engine.advance([{ kind: 'inventory', inventory: sealed([], [list]) }]);
  engine.advance(entriesOf(past));
  const { alerts } = engine.advance([
    ...entriesOf(events, past.length),
    { kind: 'tick', ts: events[events.length - 1].ts + HOUR },
  ]);
  return alerts.flatMap((a) => a.keywatch.evidence.map((e) => ({ ...e, risk: a.event.risk_score })));
}
const own = { ip: '198.51.1.7', userAgent: 'client-1/1.1' };

test('a listed address that is new to the key is told by the name of the list, and is rare', () => {
  const found = pieces(false, [anEvent({ ts: at, ip: '177.71.128.9', country: 'BR' })]);
  const piece = found.find(({ detector }) => detector === 'lists');
  expect(piece).toMatchObject({ kind: 'statistical', facet: 'geography' });
  expect(piece?.surprise).toBeGreaterThan(2);
  expect(piece?.saw).toBe('an address of the list tor-exits (177.71.128.9)');
});

test('of a list that is a rule it is a broken one, whatever else is odd', () => {
  const found = pieces(true, [anEvent({ ts: at, ...own, ip: '177.71.128.9' })]);
  expect(found.find(({ detector }) => detector === 'lists')).toMatchObject({ kind: 'rule', surprise: 0 });
  expect(found[0].risk).toBeGreaterThanOrEqual(60);
});

test('an address on no list, and one that the key has always used, are nothing', () => {
  expect(pieces(true, [anEvent({ ts: at, ...own, ip: '177.71.129.9' })]).map((p) => p.detector)).not.toContain('lists');
  const engine = testEngine();
  const list = { name: 'vpn', rule: true, networks: ['198.51.1.0/24'] };
  engine.advance(entriesOf(past));
  engine.advance([{ kind: 'inventory', inventory: sealed([], [list]) }]);
  const { alerts } = engine.advance(entriesOf([anEvent({ ts: at, ...own })], past.length));
  expect(alerts).toEqual([]);
});

test('where harmless newcomers of many keys were on it, one more is less odd', () => {
  const thief = anEvent({ ts: at, ip: '177.71.128.9', country: 'BR' });
  const met = Array.from({ length: 60 }, (_, i) =>
    anEvent({ ts: T0 + 9 * HOUR + i * 20 * MINUTE, key: `k${1 + (i % 12)}`, ip: `177.71.128.${100 + i}` }),
  );
  const oddness = (before: readonly ReturnType<typeof anEvent>[]) => {
    const engine = testEngine();
    engine.advance([
      { kind: 'inventory', inventory: sealed([], [{ name: 'vpn', rule: false, networks: ['177.71.128.0/24'] }]) },
    ]);
    const known = [...past, ...before].sort((a, b) => a.ts - b.ts);
    engine.advance(entriesOf(known));
    const { alerts } = engine.advance([...entriesOf([thief], known.length), { kind: 'tick', ts: at + HOUR }]);
    const found = alerts.flatMap(({ keywatch }) => keywatch.evidence).find(({ detector }) => detector === 'lists');
    return found?.surprise ?? 0;
  };
  expect(oddness([])).toBeGreaterThan(2);
  expect(oddness(met)).toBeLessThan(oddness([]) - 0.5);
});

describe('prefixes', () => {
  const octet = fc.integer({ min: 0, max: 255 });
  const v4 = fc.tuple(octet, octet, octet, octet).map((parts) => parts.join('.'));
  const v6 = fc.ipV6();
  const network = fc.oneof(
    fc.tuple(v4, fc.integer({ min: 0, max: 32 })).map(([ip, bits]) => `${ip}/${bits}`),
    fc.tuple(v6, fc.integer({ min: 0, max: 128 })).map(([ip, bits]) => `${ip}/${bits}`),
    v4,
    v6,
  );

  test('law: they say what Node’s block list says', () => {
    fc.assert(
      fc.property(fc.array(network, { maxLength: 8 }), fc.oneof(v4, v6), (networks, ip) => {
        const reference = new BlockList();
        const family = isIP(ip) === 6 ? 'ipv6' : 'ipv4';
        for (const text of networks) {
          const [address, bits] = text.split('/');
          // Node takes IPv4 for a part of IPv6; here the two are apart.
          if ((isIP(address) === 6) === (family === 'ipv6'))
            reference.addSubnet(address, Number(bits ?? (family === 'ipv6' ? 128 : 32)), family);
        }
        if (/^::ffff:|^0?:?:?0:0:0:0:ffff/i.test(ip)) return true;
        return prefixesOf(networks).has(ip) === reference.check(ip, family);
      }),
    );
  });

  test.each(['', '10.0.0', '10.0.0.0/33', '10.0.0.0/-1', '10.0.0.0/', '10.0.0.0/8/8', 'fe80::1%eth0', '::/129', 'x'])(
    '%j is none',
    (text) => expect(() => networkOf(text)).toThrow(/neither/),
  );
});
