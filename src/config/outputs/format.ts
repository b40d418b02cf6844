import { z } from 'zod';

/** `ecs` as docs/alerts.md tells it, or `ocsf`: Detection Findings. */
export const documentFormat = z.enum(['ecs', 'ocsf']).default('ecs');
