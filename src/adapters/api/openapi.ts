import { z } from 'zod';
import { problem } from './models';
import { PROBLEM_TYPE } from './problem';
import type { Route } from './route';

type Json = Readonly<Record<string, unknown>>;

const schemaOf = (schema: z.ZodType, io: 'input' | 'output'): Json => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { target: 'draft-2020-12', io });
  return rest;
};

/** What any call may be refused with, and calls that change something besides. */
const always = [400, 401, 403, 421, 429, 500];
const ofWrites = [409, 413, 415, 422, 503];

const meanings: Readonly<Record<number, string>> = {
  200: 'Done.',
  201: 'Made.',
  202: 'Taken on: durable, and carried out within seconds.',
  400: 'The call does not keep to this document; nothing was done.',
  401: 'No valid token.',
  403: 'The role of the token does not allow it.',
  404: 'There is no such thing.',
  409: 'A safety rail or a limit stands against it, or a call with the same idempotency key is under way.',
  413: 'The body is too large.',
  415: 'The body is not application/json.',
  421: 'The Host header names another server.',
  422: 'It cannot be done, or the idempotency key was used for another call.',
  429: 'Too many calls; Retry-After says when to come again.',
  500: 'A fault of keywatch; the log says which.',
  503: 'It cannot be recorded, so it was not done.',
};

const parametersOf = (schema: z.ZodType | undefined, place: 'path' | 'query'): Json[] => {
  if (schema === undefined) return [];
  const { properties, required } = schemaOf(schema, 'input') as {
    properties?: Record<string, Json>;
    required?: readonly string[];
  };
  return Object.entries(properties ?? {}).map(([name, { description, ...shape }]) => ({
    name,
    in: place,
    required: place === 'path' || required?.includes(name) === true,
    ...(description === undefined ? {} : { description }),
    schema: shape,
  }));
};

const idempotencyKey: Json = {
  name: 'Idempotency-Key',
  in: 'header',
  required: true,
  description:
    'A text that is new for each thing to be done. Sent again with the same body, the same answer comes back.',
  schema: { type: 'string', minLength: 1, maxLength: 128 },
};

const operationOf = (route: Route): Json => {
  const refusals = [...new Set([...always, ...(route.body === undefined ? [] : ofWrites), ...route.problems])].sort();
  return {
    operationId: route.operation,
    summary: route.summary,
    description: `Role: ${route.role}.`,
    parameters: [
      ...parametersOf(route.params, 'path'),
      ...parametersOf(route.query, 'query'),
      ...(route.body === undefined ? [] : [idempotencyKey]),
    ],
    ...(route.body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: schemaOf(route.body, 'input') } },
          },
        }),
    responses: {
      [route.status]: {
        description: meanings[route.status],
        content: { 'application/json': { schema: schemaOf(route.answer, 'output') } },
      },
      ...Object.fromEntries(
        refusals.map((status) => [
          status,
          {
            description: meanings[status],
            content: { [PROBLEM_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } },
          },
        ]),
      ),
    },
  };
};

/** The OpenAPI 3.1 document of some routes: what the server checks is what it says. */
export function openapiOf(routes: readonly Route[], version: string): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) {
    paths[route.path] ??= {};
    paths[route.path][route.method.toLowerCase()] = operationOf(route);
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'keywatch',
      version,
      description: 'Standing of keys, incidents, and what people may do about them. See docs/api.md.',
    },
    servers: [{ url: '/' }],
    security: [{ token: [] }],
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: { Problem: schemaOf(problem, 'output') },
    },
  };
}
