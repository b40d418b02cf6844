import { z } from 'zod';

/** The model over what the detectors find; see docs/models.md. */
export const model = z.strictObject({
  /** `shadow`: evaluated and counted, decides nothing. `on`: its evidence counts. */
  mode: z.enum(['off', 'shadow', 'on']).default('shadow'),
  /** Folder of the model; without it the one that is shipped. */
  path: z.string().min(1).max(4096).optional(),
  /** Folder of another model that runs in shadow beside it. */
  beside: z.string().min(1).max(4096).optional(),
  /** A model that cannot be used stops the start, or is left out with an alarm. */
  onBadModel: z.enum(['refuse', 'ignore']).default('refuse'),
});
