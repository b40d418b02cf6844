import type { Inventory } from '../domain/inventory';
import { type KeyUse, type Usage, usesByRow } from './usage';

/**
 * Points of each factor at its most; together 100. They rank keys by what would make a theft likelier, worse or harder to
 * see. They are chosen, not estimated: the sum is an order, no probability.
 */
export const riskWeights = {
  age: 15,
  networks: 8,
  countries: 7,
  clients: 5,
  routes: 10,
  unlimited: 5,
  newcomers: 15,
  outside: 10,
  incidents: 25,
} as const;
export type RiskFactor = keyof typeof riskWeights;
export const riskFactors = Object.keys(riskWeights) as RiskFactor[];

/** From this sum on, a key is shown as at elevated risk. */
export const ELEVATED = 40;

/** An incident as far as it counts here. */
export interface PastIncident {
  readonly key: string;
  /** ECS severity: 21, 47, 73 or 99. */
  readonly severity: number;
  /** A person's word on it. */
  readonly verdict: 'theft' | 'benign' | undefined;
}

export interface RatedFactor {
  readonly factor: RiskFactor;
  /** 0 to its weight. */
  readonly points: number;
  /** What was seen, in words. */
  readonly why: string;
}

export interface KeyRisk {
  readonly key: string;
  readonly keyName: string;
  readonly tenant: string;
  readonly owner: string;
  /** 0–100, one decimal: the sum of the factors. */
  readonly risk: number;
  readonly elevated: boolean;
  /** Those that have points, the most first. */
  readonly factors: readonly RatedFactor[];
  readonly requests: number;
}

export interface RiskOptions {
  readonly inventory: Inventory;
  readonly incidents: readonly PastIncident[];
  /** The moment that the report is of, milliseconds. */
  readonly asOf: number;
}

const DAY = 86_400_000;
const YEAR = 365 * DAY;
/** An actor is a newcomer for a week, of a key that was known for a week before. */
const WEEK = 7 * DAY;
/** Networks, clients and routes from which a factor has all its points: counted in doublings. */
const MANY = 64;

/** Every declared or seen key, the highest sum first, then by id. Pure. */
export function rateRisk(usage: Usage, { inventory, incidents, asOf }: RiskOptions): readonly KeyRisk[] {
  const uses = usesByRow(usage);
  const past = new Map<string, PastIncident[]>();
  for (const incident of incidents) {
    const row = inventory.of(incident.key)?.key ?? incident.key;
    const known = past.get(row);
    if (known === undefined) past.set(row, [incident]);
    else known.push(incident);
  }
  const rate = (key: string, use: KeyUse | undefined): KeyRisk => {
    const facts = inventory.of(key);
    const rated: readonly RatedFactor[] = [
      ageFactor(facts?.rotated ?? facts?.created, asOf),
      ...(use === undefined ? [] : useFactors(use, asOf)),
      limitFactor(facts),
      incidentFactor(past.get(key) ?? []),
    ];
    const factors = rated.filter(({ points }) => points > 0).sort((a, b) => b.points - a.points);
    const risk = round(factors.reduce((sum, { points }) => sum + points, 0));
    return {
      key,
      keyName: facts?.name ?? use?.keyName ?? '',
      tenant: facts?.tenant ?? use?.tenant ?? '',
      owner: facts?.owner ?? '',
      risk,
      elevated: risk >= ELEVATED,
      factors,
      requests: use?.requests ?? 0,
    };
  };
  const undeclared = [...usage.keys.values()].filter(({ facts }) => facts === undefined);
  return [
    ...inventory.rows.map(({ key }) => rate(key, uses.get(key))),
    ...undeclared.map((use) => rate(use.key, use)),
  ].sort((a, b) => b.risk - a.risk || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}

const round = (points: number): number => Math.round(10 * points) / 10;

function factor(name: RiskFactor, share: number, why: string): RatedFactor {
  return { factor: name, points: round(riskWeights[name] * Math.min(1, Math.max(0, share))), why };
}

function ageFactor(since: number | undefined, asOf: number): RatedFactor {
  if (since === undefined) return factor('age', 0.5, 'age of the secret not declared');
  return factor('age', (asOf - since) / YEAR, `secret ${Math.max(0, Math.floor((asOf - since) / DAY))} days old`);
}

function useFactors(use: KeyUse, asOf: number): RatedFactor[] {
  const { networks, countries, clients, routes, actors, outside, full, first } = use;
  const doublings = (count: number) => (count <= 1 ? 0 : Math.log2(count) / Math.log2(MANY));
  const count = (n: number, one: string, many: string) => `${full ? 'at least ' : ''}${n} ${n === 1 ? one : many}`;
  const since = Math.max(first + WEEK, asOf - WEEK);
  let newcomers = 0;
  for (const began of actors.values()) if (began >= since) newcomers++;
  const beyond = [...outside.values()].reduce((sum, { requests }) => sum + requests, 0);
  return [
    factor('networks', doublings(networks.size), count(networks.size, 'network', 'networks')),
    factor('countries', (countries.size - 1) / 4, count(countries.size, 'country', 'countries')),
    factor('clients', doublings(clients.size), count(clients.size, 'client', 'clients')),
    factor('routes', doublings(routes.size), count(routes.size, 'route', 'routes')),
    factor('newcomers', newcomers / 2, `${count(newcomers, 'newcomer', 'newcomers')} in the last 7 days`),
    factor('outside', beyond > 0 ? 1 : 0, `${beyond} times outside declared limits`),
  ];
}

function limitFactor(facts: ReturnType<Inventory['of']>): RatedFactor {
  const limited = facts !== undefined && facts.cidrs.length + facts.countries.length + facts.routes.length > 0;
  return factor('unlimited', limited ? 0 : 1, 'no network, country or route is declared');
}

/** Share of the points by ECS severity. */
const shareOf = (severity: number): number =>
  severity >= 99 ? 0.8 : severity >= 73 ? 0.5 : severity >= 47 ? 0.25 : 0.1;

function incidentFactor(incidents: readonly PastIncident[]): RatedFactor {
  const counted = incidents.filter(({ verdict }) => verdict !== 'benign');
  const thefts = counted.filter(({ verdict }) => verdict === 'theft').length;
  const share = thefts > 0 ? 1 : counted.reduce((sum, { severity }) => sum + shareOf(severity), 0);
  const confirmed = thefts > 0 ? `, ${thefts} confirmed by a person` : '';
  return factor('incidents', share, `${counted.length} incident${counted.length === 1 ? '' : 's'}${confirmed}`);
}
