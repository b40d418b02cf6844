import { z } from 'zod';
import { ATTACK_VERSION } from '../domain/threat';

const id = (pattern: RegExp, example: string) => z.string().regex(pattern, `expected an id such as ${example}`);
const text = z.string().min(1).max(128);
const technique = z.strictObject({
  id: id(/^T\d{4}(\.\d{3})?$/, 'T1078.004'),
  name: text,
  tactic: z.strictObject({ id: id(/^TA\d{4}$/, 'TA0001'), name: text }),
  parent: z.strictObject({ id: id(/^T\d{4}$/, 'T1078'), name: text }).optional(),
});

/** What alert documents say beyond the evidence itself. */
export const alerting = z.strictObject({
  /** Version of MITRE ATT&CK that the ids are of; change it together with `tags`. */
  attackVersion: z
    .string()
    .regex(/^\d{1,3}(\.\d{1,3})?$/, 'expected a version such as 18 or 18.1')
    .default(ATTACK_VERSION),
  /** Detector → its tags, in place of the built-in ones: ids that are known, or whole techniques. */
  tags: z
    .record(
      z.string(),
      z
        .array(
          z
            .union([z.string().max(32), technique])
            .describe('an id such as T1078.004 or API2:2023, or a whole technique'),
        )
        .max(16),
    )
    .default({}),
});
