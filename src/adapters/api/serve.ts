import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Audit } from '../../ports';
import type { Answer, Answers } from './answers';
import { personOf } from './key-routes';
import { Problem } from './problem';
import type { Call, Route } from './route';
import { type Caller, may } from './tokens';

export interface Serving {
  readonly answers: Pick<Answers, 'once'>;
  readonly audit: Audit;
}

const MOST_FAULTS = 10;

/**
 * One call of a known caller: role, input, then, where it changes something, record and idempotency key, then the work. What
 * cannot be recorded is not done.
 */
export async function serve(
  route: Route,
  { caller, request }: { readonly caller: Caller; readonly request: FastifyRequest },
  { answers, audit }: Serving,
): Promise<Answer> {
  const record = (subject: string, detail: Record<string, unknown>) =>
    audit
      .record({
        kind: route.operation.endsWith('Feedback') ? 'feedback' : 'api',
        by: personOf(caller.name),
        subject,
        detail: { operation: route.operation, ...detail } as Record<string, string>,
      })
      .catch(() => {
        throw new Problem(503, 'The call cannot be recorded, so it was not carried out.');
      });
  if (!may(caller, route.role)) {
    if (route.told !== undefined) await record('', { refused: 'role', role: caller.role });
    throw new Problem(403, `This takes the role ${route.role}.`);
  }
  const call: Call<unknown, unknown, unknown> = {
    params: parsed(route.params, request.params, 'path'),
    query: parsed(route.query, request.query, 'query'),
    body: parsed(route.body, request.body, 'body'),
    caller,
    idempotencyKey: route.body === undefined ? '' : idempotencyKeyOf(request.headers['idempotency-key']),
  };
  const work = async (): Promise<Answer> => {
    const told = route.told?.(call);
    if (told !== undefined) await record(told.subject, { ...told.detail });
    return { status: route.status, body: await route.run(call) };
  };
  if (route.body === undefined) return work();
  const asked = JSON.stringify([route.operation, call.params, call.body]);
  const answer = await answers.once({ caller: caller.name, key: call.idempotencyKey, asked }, work);
  if (answer === 'other') throw new Problem(422, 'The idempotency key was used for another call.');
  if (answer === 'running') throw new Problem(409, 'A call with this idempotency key is being carried out.');
  return answer;
}

/** What came in, as the schema has it. The problem names places and what was expected, never what was sent. */
function parsed(schema: z.ZodType | undefined, value: unknown, where: string): unknown {
  if (schema === undefined) {
    if (value !== undefined && value !== null && Object.keys(value as object).length > 0)
      throw new Problem(400, `Nothing is expected in the ${where}.`);
    return {};
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const faults = result.error.issues.slice(0, MOST_FAULTS).map(({ path, code, message }) => ({
    at: [where, ...path.map(String)].join('.').slice(0, 256),
    expected: code === 'unrecognized_keys' ? 'no other members' : message.slice(0, 256),
  }));
  throw new Problem(400, 'The call does not keep to /v1/openapi.json.', { faults });
}

/** A structured field string as the draft has it, or the text alone. */
function idempotencyKeyOf(header: string | string[] | undefined): string {
  const text = typeof header === 'string' ? /^(?:"([\x20-\x7e]{1,128})"|([\x21-\x7e]{1,128}))$/.exec(header) : null;
  const key = text?.[1] ?? text?.[2];
  if (key === undefined)
    throw new Problem(400, 'The header Idempotency-Key is missing, or longer than 128 characters.');
  return key;
}
