import { z } from 'zod';
import { type Config, configSchema } from '../config';
import { enforce } from '../config/enforce';
import { policy } from '../config/policy';
import { crossFindings } from './config-checks';
import { type Fault, findingToFault, schemaFindings } from './config-faults';
import { readBounded } from './config-file';
import { parseConfigText } from './config-text';

/** What decides on actions; `enforce` is undefined where the file says nothing about it. */
export interface ProposedPolicy {
  readonly policy: Config['policy'];
  readonly enforce: Config['enforce'] | undefined;
}

export type LoadedPolicy =
  | { readonly ok: true; readonly proposed: ProposedPolicy }
  | { readonly ok: false; readonly faults: readonly Fault[] };

const alone = z.strictObject({ policy, enforce: enforce.optional() });

/**
 * Reads a policy that is not in force: a whole configuration, of which the sections `policy` and `enforce` count, or a
 * file with these sections alone. All faults come at once; never throws for what the file holds.
 */
export function loadPolicy(path: string): LoadedPolicy {
  const read = readBounded(path);
  if ('problem' in read) return { ok: false, faults: [{ path: '', value: '', expected: read.problem }] };
  const parsed = parseConfigText(read.text);
  if (!parsed.ok) return { ok: false, faults: parsed.faults };
  const { document, lineOf } = parsed;
  const whole = typeof document === 'object' && document !== null && 'source' in document;
  const result = (whole ? configSchema : alone).safeParse(document);
  const findings = [...schemaFindings(document, result.error?.issues ?? []), ...crossFindings(document)];
  if (result.success && findings.length === 0) {
    const { policy, enforce } = result.data;
    return { ok: true, proposed: { policy, enforce } };
  }
  return { ok: false, faults: findings.map((finding) => findingToFault(document, finding, lineOf(finding.path))) };
}
