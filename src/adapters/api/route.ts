import type { z } from 'zod';
import type { Role } from '../../config/api';
import type { Caller } from './tokens';

export interface Call<P, Q, B> {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  readonly caller: Caller;
  /** Of a call that must have one; the same for a repetition. */
  readonly idempotencyKey: string;
}

/** What a call changes, for the audit log. */
export interface Told {
  readonly subject: string;
  readonly detail?: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;
}

type Schema = z.ZodType;

/** One operation: the server, its checks and the OpenAPI document come from it. */
export interface Route<P extends Schema = Schema, Q extends Schema = Schema, B extends Schema = Schema> {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** With `{name}` for parameters. */
  readonly path: string;
  readonly operation: string;
  readonly summary: string;
  readonly role: Role;
  readonly params?: P | undefined;
  readonly query?: Q | undefined;
  /** Those with a body change something, need an idempotency key, and are recorded. */
  readonly body?: B | undefined;
  readonly status: 200 | 201 | 202;
  readonly answer: Schema;
  /** What of the problems, besides those of every call. */
  readonly problems: readonly number[];
  /** Of calls that change something. Recorded before anything is done. */
  told?(call: Call<z.output<P>, z.output<Q>, z.output<B>>): Told;
  run(call: Call<z.output<P>, z.output<Q>, z.output<B>>): Promise<unknown>;
}

/** Declares a route; the types of its call follow from its schemas. */
export const route = <P extends Schema, Q extends Schema, B extends Schema>(of: Route<P, Q, B>): Route =>
  of as unknown as Route;
