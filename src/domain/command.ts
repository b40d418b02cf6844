import { z } from 'zod';
import { keyActions, outcomeStates, rails } from './action';
import { type Facet, facets } from './evidence';
import { settledPolicy } from './policy';

/**
 * A person declares that a key's use will change: until then its newcomers and its new habits are learned without
 * suspicion, and evidence of the named facets stays silent. Declared limits hold all the same.
 */
export const expectation = z.strictObject({
  key: z.string().min(1).max(1024),
  facets: z.array(z.enum(facets)).min(1),
  /** Event time, milliseconds; no later than a date can be. */
  until: z.number().int().min(0).max(8.64e15),
  by: z.string().min(1).max(256),
});

export type Expectation = z.infer<typeof expectation>;

/**
 * Facets that may be expected to change: all but declared limits, which are changed where they are declared, and what
 * is made of the other facets.
 */
export const expectable: readonly Facet[] = facets.filter((facet) => facet !== 'limits' && facet !== 'joint');

/** Facets that may be muted: all but declared limits. A broken rule of any facet counts all the same. */
export const mutable = facets.filter((facet): facet is Exclude<Facet, 'limits'> => facet !== 'limits');

/** Facets of one key that may be muted at once: what is left of the evidence must be able to speak. */
export const MOST_MUTED = 3;

/**
 * A person has looked at one kind of evidence on a key and found it harmless: until then it is shown and counts for
 * nothing. It teaches nothing either: who would be suspect without it stays unlearned.
 */
export const mute = z.strictObject({
  key: z.string().min(1).max(1024),
  facet: z.enum(mutable),
  /** Event time, milliseconds; no later than a date can be. */
  until: z.number().int().min(0).max(8.64e15),
  by: z.string().min(1).max(256),
});

export type Mute = z.infer<typeof mute>;

/** Ends a mute. */
export const unmute = mute.omit({ until: true });

export type Unmute = z.infer<typeof unmute>;

/** A key is to be removed from everything that keywatch keeps of it. `force`: also while an action against it is in force. */
export const forget = z.strictObject({
  key: z.string().min(1).max(1024),
  by: z.string().min(1).max(256),
  force: z.boolean(),
});

export type Forget = z.infer<typeof forget>;

/** The canary key is to be used up to a time of one partition, and stolen there where `theft` is set. */
export const canary = z.strictObject({
  key: z.string().min(1).max(1024),
  partition: z.number().int().min(0),
  /** Event time, milliseconds. */
  to: z.number().int().min(0).max(8.64e15),
  theft: z.boolean(),
  /** Whether what is alerted of it goes out, marked. What became of a theft always does. */
  tell: z.boolean(),
});

export type Canary = z.infer<typeof canary>;

const wallClock = z.number().min(0).max(8.64e15);

/** An action that holds: its request, and when it ends (wall clock, milliseconds; undefined for a revocation). */
const act = z.strictObject({
  key: z.string().min(1).max(1024),
  requestId: z.string().max(256),
  action: z.enum(keyActions),
  until: wallClock.optional(),
});

export type Act = z.infer<typeof act>;

/**
 * Enforce tells Detect what became of a request: the incident's next document says so, and what the gateway refuses
 * because of it is known for keywatch's own doing.
 */
export const outcomeNote = act.extend({
  incidentId: z.string().max(256),
  state: z.enum(outcomeStates),
  rail: z.enum(rails).optional(),
  /** Wall clock, milliseconds. */
  at: wallClock,
  /** The person behind it, where one is. */
  by: z.string().max(256).optional(),
});

export type OutcomeNote = z.infer<typeof outcomeNote>;

/**
 * What lies before the offset `until` is history: Detect learns from it, and what it would say of it is nobody's. 0: history is
 * over, incidents of it are dropped, and whoever is suspect now is told of from the beginning.
 */
export const history = z.strictObject({ until: z.number().min(0).max(Number.MAX_SAFE_INTEGER) });

export type History = z.infer<typeof history>;

/** From here on this policy decides. What was decided stays as it is; an incident is judged by it at its next event. */
export const decree = z.strictObject({ policy: settledPolicy, by: z.string().min(1).max(256) });

export type Decree = z.infer<typeof decree>;

/**
 * What reaches Detect besides events: it takes effect at its place in the partition's log, and again there in every
 * replay. An inventory is named by its digest; its rows lie in the inventory store.
 */
export type Command =
  | { readonly type: 'inventory'; readonly digest: string }
  | ({ readonly type: 'expect' } & Expectation)
  | ({ readonly type: 'mute' } & Mute)
  | ({ readonly type: 'unmute' } & Unmute)
  | ({ readonly type: 'forget' } & Forget)
  | ({ readonly type: 'history' } & History)
  | ({ readonly type: 'outcome' } & OutcomeNote)
  | ({ readonly type: 'canary' } & Canary)
  | ({ readonly type: 'policy' } & Decree);

/** Commands that reach Detect as they are; an inventory comes with its rows. */
export type DirectCommand = Exclude<Command, { type: 'inventory' }>;
