import Ajv2020 from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { openapiOf } from '../../../src/adapters/api/openapi';
import { apiRoutes } from '../../../src/adapters/api/routes';
import { type ApiStand, apiStand, incidentDocument, secrets } from '../../support/api';

type Json = Record<string, unknown>;
interface Operation {
  readonly operationId: string;
  readonly parameters: readonly { name: string; in: string; required: boolean; schema: Json }[];
  readonly requestBody?: { readonly required: boolean; readonly content: Record<string, { schema: Json }> };
  readonly responses: Record<string, { description: string; content: Record<string, { schema: Json }> }>;
}

let api: ApiStand;
beforeAll(async () => {
  api = await apiStand();
  api.note(incidentDocument(1));
});
afterAll(() => api.close());

const routes = apiRoutes({} as Parameters<typeof apiRoutes>[0]);
const document = JSON.parse(JSON.stringify(openapiOf(routes, '1'))) as {
  readonly openapi: string;
  readonly info: { title: string; version: string };
  readonly security: unknown;
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { schemas: Record<string, Json>; securitySchemes: Json };
};
const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
);
const ajv = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false, allErrors: true });
addFormats(ajv);

test('is served to who has a token', async () => {
  const { status, body } = await api.get('/v1/openapi.json');
  expect([status, body]).toEqual([200, document]);
});

test('has what OpenAPI 3.1 asks of a document', () => {
  expect(document.openapi).toMatch(/^3\.1\.\d+$/);
  expect(document.info).toEqual({ title: expect.any(String), version: '1', description: expect.any(String) });
  expect(document.security).toEqual([{ token: [] }]);
  expect(document.components.securitySchemes).toEqual({ token: { type: 'http', scheme: 'bearer' } });
  expect(new Set(operations.map(({ operation }) => operation.operationId)).size).toBe(operations.length);
  for (const { path, method, operation } of operations) {
    expect(['get', 'post', 'delete']).toContain(method);
    const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
    const declared = operation.parameters.filter((one) => one.in === 'path');
    expect(declared.map(({ name }) => name).sort()).toEqual(named);
    expect(declared.every(({ required }) => required)).toBe(true);
    expect(new Set(operation.parameters.map((one) => `${one.in} ${one.name}`)).size).toBe(operation.parameters.length);
    expect(operation.requestBody !== undefined).toBe(method === 'post');
    for (const [status, { description, content }] of Object.entries(operation.responses)) {
      expect([Number(status) >= 200 && Number(status) < 600, typeof description]).toEqual([true, 'string']);
      expect(Object.keys(content)).toEqual([Number(status) < 400 ? 'application/json' : 'application/problem+json']);
    }
  }
});

test('every schema in it is one of JSON Schema 2020-12, and every reference leads somewhere', () => {
  let seen = 0;
  for (const { operation } of operations) {
    const schemas = [
      ...operation.parameters.map(({ schema }) => schema),
      ...Object.values(operation.requestBody?.content ?? {}).map(({ schema }) => schema),
      ...Object.values(operation.responses).flatMap(({ content }) =>
        Object.values(content).map(({ schema }) => schema),
      ),
    ];
    for (const schema of schemas) {
      seen++;
      if ('$ref' in schema) {
        expect(Object.keys(document.components.schemas)).toContain(
          String(schema.$ref).replace('#/components/schemas/', ''),
        );
      } else expect(() => ajv.compile(schema)).not.toThrow();
    }
  }
  expect(seen).toBeGreaterThan(80);
});

test('each route is described and each description is a route', async () => {
  expect(operations.map(({ path, method }) => `${method.toUpperCase()} ${path}`).sort()).toEqual(
    routes.map(({ method, path }) => `${method} ${path}`).sort(),
  );
  for (const { path, method } of operations) {
    const url = path.replaceAll(/\{\w+\}/g, 'nothing');
    const { body } = await api.call(method.toUpperCase(), url, { token: secrets.responder });
    expect(body.detail ?? '').not.toBe('There is no such path, or not with this method.');
  }
});

test('what is answered keeps to it', async () => {
  const answers: readonly (readonly [string, string, Promise<{ status: number; body: unknown }>])[] = [
    ['get', '/v1/keys', api.get('/v1/keys')],
    ['get', '/v1/keys/{id}', api.get('/v1/keys/k1')],
    ['get', '/v1/incidents', api.get('/v1/incidents')],
    ['get', '/v1/incidents/{id}', api.get('/v1/incidents/i1')],
    ['get', '/v1/incidents/{id}', api.get('/v1/incidents/i7')],
    ['get', '/v1/breaker', api.get('/v1/breaker')],
    ['post', '/v1/breaker/reset', api.post('/v1/breaker/reset', 'responder', {})],
    ['post', '/v1/breaker/reset', api.post('/v1/breaker/reset', 'responder', { x: 1 })],
    ['post', '/v1/keys/{id}/suspend', api.post('/v1/keys/k1/suspend', 'responder', { reason: 'x' })],
    ['post', '/v1/keys/{id}/suspend', api.post('/v1/keys/k1/suspend', 'viewer', { reason: 'x' })],
    ['post', '/v1/keys/{id}/release', api.post('/v1/keys/k1/release', 'responder', { reason: 'x' })],
    ['post', '/v1/keys/{id}/expect', api.post('/v1/keys/k1/expect', 'analyst', {})],
    [
      'post',
      '/v1/incidents/{id}/feedback',
      api.post('/v1/incidents/i1/feedback', 'analyst', { verdict: 'benign', facet: 'actor' }),
    ],
    [
      'post',
      '/v1/incidents/{id}/feedback',
      api.post('/v1/incidents/i1/feedback', 'analyst', { verdict: 'benign', facet: 'routes' }),
    ],
  ];
  const problem = ajv.compile(document.components.schemas.Problem);
  for (const [method, path, pending] of answers) {
    const { status, body } = await pending;
    const described = Object.values(document.paths[path][method].responses[status].content)[0].schema;
    const valid = '$ref' in described ? problem : ajv.compile(described);
    expect([method, path, status, valid(body), valid.errors]).toEqual([method, path, status, true, null]);
  }
});
