/** What the audit log tells of. `action`, `release` and `breaker` are outcomes of Enforce; `api` is a call of the HTTP API. */
export const auditKinds = [
  'start',
  'stop',
  'config',
  'policy',
  'inventory',
  'command',
  'feedback',
  'action',
  'release',
  'breaker',
  'api',
  'canary',
] as const;
export type AuditKind = (typeof auditKinds)[number];

/** Facts of an entry. Undefined ones are left out. */
export type AuditDetail = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/**
 * Something to be recorded for good. Holds no secret. The audit log gives it its sequence and time and bounds it: texts are cut
 * (`auditLimits`), characters that could mislead a reader or a terminal are replaced.
 */
export interface AuditEntry {
  readonly kind: AuditKind;
  /** Who did it: a person's name, `api:<token name>`, `keywatch` for what it does of itself. */
  readonly by: string;
  /** What it was done to: a key id, a file, a section of the configuration; '' for keywatch as a whole. */
  readonly subject: string;
  /** What was done, in a few words and ids. */
  readonly detail?: AuditDetail | undefined;
}

/** Characters of a text, members of a detail, items of a list. */
export const auditLimits = { by: 256, subject: 1_024, name: 64, text: 1_000, members: 32, items: 64 } as const;
