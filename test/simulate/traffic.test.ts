import { fleet } from '../../src/simulate/fleet';
import type { TheftKind } from '../../src/simulate/kinds';
import { merge } from '../../src/simulate/merge';
import { rangeOf } from '../../src/simulate/networks';
import { ownerTraffic, type SimulatedEvent } from '../../src/simulate/owner';
import { load, type RhythmName, rhythms } from '../../src/simulate/rhythm';
import { planThefts, type TheftPlan } from '../../src/simulate/thefts';
import { thiefTraffic } from '../../src/simulate/thief';
import { buildAt, worldOf } from '../../src/simulate/world';

const DAY = 86_400_000;
const start = Date.UTC(2026, 0, 5);
const world = worldOf('traffic', start, start + 14 * DAY, true);
const plans = fleet(world, 60, 300);
const planOf = (shape: string) => plans.find((p) => p.shape === shape && p.until === world.end)!;
const by = (events: readonly SimulatedEvent[], value: (e: SimulatedEvent) => unknown) => new Set(events.map(value));
const inside = (ip: string, { base, size }: { base: number; size: number }) => {
  const n = rangeOf(ip).base;
  return n >= base && n < base + size;
};

describe('owners', () => {
  const owner = (shape: string) => [...ownerTraffic(planOf(shape), world)];

  it('differ as customers differ', () => {
    const addresses = (shape: string) => by(owner(shape), (e) => e.record.ip).size;
    expect(addresses('server')).toBeLessThan(8);
    expect(addresses('mobile')).toBeGreaterThan(200);
    expect(addresses('ci')).toBeGreaterThan(100);
    expect(by(owner('mobile'), (e) => e.record.userAgent).size).toBeGreaterThan(5);
    const night = owner('batch').map((e) => Math.floor(e.at / 3_600_000 + planOf('batch').offset + 24) % 24);
    expect(night.filter((hour) => hour < 2 || hour > 5)).toEqual([]);
    const partner = planOf('partner');
    expect(new Set(partner.actors.map((a) => a.block.country)).size).toBe(3);
  });

  it('keep their hours: an office rests at weekends', () => {
    const weekend = (e: SimulatedEvent) =>
      [0, 6].includes(new Date(e.at + planOf('partner').offset * 3_600_000).getUTCDay());
    const events = owner('partner');
    expect(events.filter(weekend).length / events.length).toBeLessThan(0.06);
  });

  it('suffer an outage together, and try again', () => {
    const [outage] = world.outages;
    const during = plans
      .flatMap((p) => [...ownerTraffic(p, world)])
      .filter((e) => e.at >= outage!.from && e.at < outage!.until);
    const failed = during.filter((e) => e.record.status! >= 502);
    expect(failed.length / during.length).toBeGreaterThan(0.4);
    expect(by(failed, (e) => e.record.key).size).toBeGreaterThan(15);
    const paths = new Map<string, number>();
    for (const e of failed) {
      const request = `${e.record.key} ${e.record.ip} ${e.record.path}`;
      paths.set(request, (paths.get(request) ?? 0) + 1);
    }
    expect(Math.max(...paths.values())).toBeGreaterThan(1);
  });

  it('take over a release of their client within six hours', () => {
    const [deployment] = world.deployments;
    const { at, family } = deployment!;
    for (const { key } of plans) {
      expect(buildAt(world, family, key, at - 1)).toBe(0);
      expect(buildAt(world, family, key, at + DAY / 4)).toBe(1);
    }
  });

  it('exchange keys: the heir starts before the old key ends', () => {
    const [old] = plans.filter((p) => p.until < world.end);
    const heir = plans.find((p) => p.keyName === `${old!.keyName}-b`)!;
    expect(heir.from).toBeLessThan(old!.until);
    expect(heir.until).toBe(world.end);
    expect(heir.actors).toBe(old!.actors);
  });

  it('have more to do at the end of a month where their rhythm says so', () => {
    const nights = (day: number) => load('night', Date.UTC(2026, 0, day, 2), 0);
    expect([29, 30, 31, 32, 33].map(nights)).toEqual([1, 2, 2, 2, 1].map((factor) => factor * nights(28)));
    expect(load('steady', Date.UTC(2026, 0, 31), 0)).toBe(1);
  });

  it('release programs of their own: a route that was rare becomes usual', () => {
    const changed = plans.filter((p) => p.releases.length > 0);
    expect(changed.length).toBeGreaterThan(5);
    for (const plan of changed.slice(0, 3)) {
      const [release] = plan.releases;
      const rare = plan.routeWeights.findIndex((weight, i) => weight < release!.routeWeights[i]!);
      const sum = plan.routeWeights.reduce((a, b) => a + b, 0);
      expect(plan.routeWeights[rare]! / sum).toBeLessThan(0.02);
      expect(release!.routeWeights[rare]!).toBeGreaterThan(5 * plan.routeWeights[rare]!);
    }
  });

  it('have rhythms of mean one', () => {
    for (const name of Object.keys(rhythms) as RhythmName[]) {
      let sum = 0;
      for (let hour = 0; hour < 168; hour++) sum += load(name, start + hour * 3_600_000, -5);
      expect(sum / 168).toBeCloseTo(1, 9);
    }
  });
});

describe('thieves', () => {
  const steal = (kind: TheftKind) => planThefts(world, plans, [kind], start + 9 * DAY);
  const traffic = (plan: TheftPlan) => [...thiefTraffic(plan, world)];
  const countries = (plan: TheftPlan) => plan.victim.actors.map((a) => a.block.country);
  const owners = (plan: TheftPlan) => plan.victim.actors.map((a) => a.block.owner);
  const agents = (plan: TheftPlan) => by([...ownerTraffic(plan.victim, world)], (e) => e.record.userAgent);

  it('sit where their kind says', () => {
    const [far] = steal('theft-abroad');
    expect(countries(far!)).not.toContain(far!.block.country);
    const [near] = steal('theft-same-country');
    expect(countries(near!)).toContain(near!.block.country);
    expect(owners(near!)).not.toContain(near!.block.owner);
    const [cloud] = steal('theft-same-cloud');
    expect(owners(cloud!)).toContain(cloud!.block.owner);
    const [insider] = steal('theft-insider');
    const ranges = insider!.victim.actors.map((a) => a.range);
    for (const e of traffic(insider!)) expect(ranges.some((range) => inside(e.record.ip!, range))).toBe(true);
  });

  it('show their own client, or the owner’s where they copied it', () => {
    const [own] = steal('theft-abroad');
    expect(agents(own!)).not.toContain(own!.userAgent);
    const [copied] = steal('theft-replay');
    expect(agents(copied!)).toContain(copied!.userAgent);
  });

  it('behave as their kind says', () => {
    const failed = (events: readonly SimulatedEvent[]) => events.filter((e) => e.record.status! >= 400).length;
    for (const [kind, least, most] of [
      ['theft-scraping', 0, 0.2],
      ['theft-enumeration', 0.4, 0.6],
    ] as const) {
      const [walk] = steal(kind);
      const walked = traffic(walk!);
      expect(walked.length).toBeGreaterThanOrEqual(500);
      expect(by(walked, (e) => e.record.path).size).toBe(walked.length);
      expect(failed(walked) / walked.length).toBeGreaterThanOrEqual(least);
      expect(failed(walked) / walked.length).toBeLessThanOrEqual(most);
    }

    const [mine] = steal('theft-cryptomining');
    expect(mine!.until - mine!.from).toBeLessThanOrEqual(3_600_000);
    const mined = traffic(mine!).filter((e) => e.record.method === 'POST');
    expect(mined.length).toBeGreaterThan(150);
    expect(by(mined, (e) => e.record.path)).toEqual(new Set(['/v3/instances']));

    const [haul] = steal('theft-exfiltration');
    const mean = (events: readonly SimulatedEvent[]) =>
      events.reduce((sum, e) => sum + e.record.bytes!, 0) / events.length;
    expect(mean(traffic(haul!))).toBeGreaterThan(5 * mean([...ownerTraffic(haul!.victim, world)]));

    const [replay] = steal('theft-replay');
    expect(by(traffic(replay!), (e) => e.record.path).size).toBeLessThanOrEqual(8);

    const [daily] = steal('theft-daily');
    const days = traffic(daily!).map((e) => Math.floor((e.at - daily!.from) / DAY));
    expect(days).toEqual(days.map((_, i) => i));
    expect(days.length).toBeGreaterThanOrEqual(3);

    const [slow] = steal('theft-low-and-slow');
    expect(slow!.requests / ((slow!.until - slow!.from) / 3_600_000)).toBeLessThan(4);
  });

  it.each(['theft-on-host', 'theft-same-carrier', 'theft-same-runners'] as const)('leave no trace: %s', (kind) => {
    const [plan] = steal(kind);
    const { victim } = plan!;
    const owner = [...ownerTraffic(victim, world)];
    const ranges = victim.actors.map((a) => a.range);
    const stolen = traffic(plan!);
    for (const e of stolen) expect(ranges.some((range) => inside(e.record.ip!, range))).toBe(true);
    expect([...agents(plan!)]).toContain(plan!.userAgent);
    const route = (e: SimulatedEvent) => `${e.record.method} ${e.record.path!.replace(/[^/]*\d[^/]*/g, '*')}`;
    for (const r of by(stolen, route)) expect([...by(owner, route)]).toContain(r);
    // At the owner's busiest hour, and hardly more than he makes himself.
    const meanwhile = owner.filter((e) => e.at >= plan!.from && e.at < plan!.until).length;
    expect(stolen.length).toBeLessThanOrEqual(Math.max(2, 0.3 * meanwhile));
  });

  it('share one machine when one thief has several keys', () => {
    const many = steal('theft-many-keys');
    expect(many.length).toBe(3);
    expect(new Set(many.flatMap((p) => traffic(p).map((e) => `${e.record.ip} ${e.record.userAgent}`))).size).toBe(1);
  });
});

describe('merge', () => {
  it('keeps order, and the earlier source first at equal times', () => {
    const events = (name: string, ...at: number[]) => at.map((t) => ({ at: t, name }));
    const merged = [...merge([events('a', 1, 5, 5), [], events('b', 0, 5, 9), events('c', 5)])];
    expect(merged.map((e) => `${e.at}${e.name}`)).toEqual(['0b', '1a', '5a', '5a', '5b', '5c', '9b']);
    expect([...merge([])]).toEqual([]);
  });
});
