import type { Random } from './random';

/** One route of a simulated API. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path with placeholders: `{id}` a number, `{uuid}`, `{date}`, `{code}`, `{region}`. */
  readonly path: string;
  readonly weight: number;
  /** Median size of a good answer, bytes. */
  readonly bytes: number;
  /** Median time of an answer, milliseconds. */
  readonly latency: number;
}

const r = (method: Route['method'], path: string, weight: number, bytes: number, latency: number): Route => ({
  method,
  path,
  weight,
  bytes,
  latency,
});

/** APIs by product. The last routes of each are seldom used by owners and attractive to others. */
export const apis = {
  shop: [
    r('GET', '/v1/products', 20, 14_000, 60),
    r('GET', '/v1/products/{code}', 30, 2_100, 25),
    r('GET', '/v1/stock/{code}', 18, 310, 15),
    r('POST', '/v1/carts', 6, 420, 45),
    r('PUT', '/v1/carts/{uuid}/items', 9, 640, 40),
    r('POST', '/v1/orders', 4, 880, 140),
    r('GET', '/v1/orders/{id}', 8, 1_300, 35),
    r('GET', '/v1/customers/{id}', 1, 900, 30),
    r('GET', '/v1/orders/export', 0.05, 900_000, 2_400),
  ],
  payments: [
    r('POST', '/v2/charges', 22, 700, 210),
    r('GET', '/v2/charges/{uuid}', 26, 820, 40),
    r('POST', '/v2/refunds', 2, 510, 190),
    r('GET', '/v2/balance', 10, 180, 20),
    r('GET', '/v2/payouts/{uuid}', 4, 640, 35),
    r('GET', '/v2/accounts/{id}', 3, 1_150, 30),
    r('GET', '/v2/accounts/{id}/statements/{date}', 0.4, 52_000, 420),
  ],
  people: [
    r('GET', '/users/{id}', 30, 780, 20),
    r('GET', '/users/{id}/orders', 14, 3_900, 50),
    r('PATCH', '/users/{id}', 4, 800, 60),
    r('GET', '/users', 5, 22_000, 120),
    r('POST', '/sessions', 16, 260, 90),
    r('DELETE', '/sessions/{uuid}', 5, 0, 25),
    r('GET', '/users/{id}/documents', 0.3, 260_000, 380),
  ],
  reports: [
    r('GET', '/api/reports/{date}', 16, 48_000, 320),
    r('GET', '/api/metrics', 30, 5_200, 70),
    r('POST', '/api/queries', 12, 9_400, 260),
    r('GET', '/api/queries/{uuid}', 20, 7_700, 45),
    r('GET', '/api/dashboards/{id}', 9, 16_000, 110),
    r('GET', '/api/export/{date}', 0.3, 1_400_000, 3_100),
  ],
  compute: [
    r('GET', '/v3/instances', 20, 18_000, 90),
    r('GET', '/v3/instances/{uuid}', 24, 2_400, 40),
    r('POST', '/v3/instances', 1.5, 1_900, 900),
    r('DELETE', '/v3/instances/{uuid}', 1.2, 0, 300),
    r('GET', '/v3/images', 4, 30_000, 80),
    r('GET', '/v3/snapshots/{id}', 2, 1_600, 45),
    r('GET', '/v3/regions/{region}/quota', 0.3, 900, 60),
  ],
} as const satisfies Record<string, readonly Route[]>;

export type ApiName = keyof typeof apis;
export const apiNames = Object.keys(apis) as ApiName[];

const hex = (rng: Random, digits: number): string => {
  let text = '';
  while (text.length < digits) text += rng.int(65_536).toString(16).padStart(4, '0');
  return text.slice(0, digits);
};

const regions = ['eu-central', 'eu-west', 'us-east', 'us-west', 'ap-south', 'ap-east', 'sa-east'] as const;

/** Which things a key's requests are about: ids around `first`, most often the lower ones. */
export interface Things {
  readonly first: number;
  readonly count: number;
}

/** Fills a route's placeholders. */
export function pathOf(route: Route, things: Things, at: number, rng: Random): string {
  if (!route.path.includes('{')) return route.path;
  return route.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    if (name === 'id') return String(things.first + Math.floor(things.count * rng.next() * rng.next()));
    if (name === 'code') return `P-${10_000 + (things.first % 7_000) + rng.int(things.count)}`;
    if (name === 'region') return rng.pick(regions);
    if (name === 'date') return new Date(at - 86_400_000 * (1 + rng.int(7))).toISOString().slice(0, 10);
    return `${hex(rng, 8)}-${hex(rng, 4)}-4${hex(rng, 3)}-a${hex(rng, 3)}-${hex(rng, 12)}`;
  });
}

/** Status of a request that goes well. */
export function goodStatus(route: Route): number {
  if (route.method === 'POST') return 201;
  return route.method === 'DELETE' ? 204 : 200;
}

/** Bytes of an answer: errors are short, empty answers empty, the rest spreads around the median of good ones. */
export function bytesOf(median: number, status: number, rng: Random): number {
  if (status === 204 || status === 304) return 0;
  if (status >= 400) return 90 + rng.int(120);
  return Math.round(rng.logNormal(median, 0.35));
}
