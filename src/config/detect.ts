import { z } from 'zod';
import { model } from './model';
import { count, duration } from './values';

export const detect = z.strictObject({
  /** How far a record's time may run ahead of its broker timestamp, or of the others' times. */
  skew: duration('10m'),
  /** Events later than this behind the watermark are counted and not used. */
  lateness: duration('2h'),
  /** A baseline younger than this is immature: it alerts with low confidence and never suspends. */
  maturity: duration('3d'),
  suspectMax: duration('7d'),
  incidentIdle: duration('6h'),
  maxKeys: count(200_000, 50_000_000),
  model: model.prefault({}),
  detectors: z.record(z.string(), z.strictObject({ enabled: z.boolean().default(true) })).default({}),
});
