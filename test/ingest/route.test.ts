import fc from 'fast-check';
import { routeOf } from '../../src/ingest/route';

test.each([
  ['/users/8412/orders', '/users/{id}/orders'],
  ['/users/0192f0aa-7b61-71e6-9a41-93e8deadbeef', '/users/{id}'],
  ['/jobs/01ARZ3NDEKTSV4RRFFQ69G5FAV', '/jobs/{id}'],
  ['/objects/da39a3ee5e6b4b0d3255bfef95601890afd80709', '/objects/{id}'],
  ['/t/7f3a9c21', '/t/{id}'],
  ['/v1/keys/k_59e985d479', '/v1/keys/{id}'],
  ['/customers/cus_Nf3rFeUf7V2Hib', '/customers/{id}'],
  ['/files/xjAJXh38I15wypJXxuGMBp0EAVxt0G0biEntp43Qt6E', '/files/{id}'],
  ['/reports/2026-11-24', '/reports/{date}'],
  ['/reports/2026-11/daily', '/reports/{date}/daily'],
  ['/reports/2026-11-24T10:00:00Z', '/reports/{date}'],
  ['/users/jane@example.org/keys', '/users/{email}/keys'],
  ['/users/jane%40example.org/keys', '/users/{email}/keys'],
  ['/orders/8412.json', '/orders/{id}.json'],
  ['/search/two%20words', '/search/{id}'],
  ['/a/REDACTED/b', '/a/{id}/b'],
  ['//a///b/', '/a/b'],
  ['', '/'],
  ['/', '/'],
])('%s is %s', (path, route) => expect(routeOf(path)).toBe(route));

test.each([
  '/presentations/logstash-monitorama-2013/images/kibana-search.png',
  '/downloads/product_1',
  '/api/v2.1/oauth2/token',
  '/facade/deadbeef/cafe',
  '/getUserByIdV2/listAllOpenOrdersOfCustomer',
  '/.well-known/openid-configuration',
  '/s3/mp3/ipv6',
])('words stay: %s', (path) => expect(routeOf(path)).toBe(path));

test('any path has one bounded template, and templating it again changes nothing', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 2_000 }), fc.webPath({ size: 'large' })), (path) => {
      const route = routeOf(path);
      expect(route.length).toBeLessThanOrEqual(256);
      expect(route.split('/').length).toBeLessThanOrEqual(12);
      expect(routeOf(path)).toBe(route);
      expect(routeOf(route)).toBe(route);
    }),
    { numRuns: 2_000 },
  );
});

test('a deep path ends in a star', () => {
  expect(routeOf('/a'.repeat(500))).toBe(`${'/a'.repeat(10)}/*`);
});
