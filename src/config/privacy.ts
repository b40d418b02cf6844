import { z } from 'zod';
import { addressModes } from '../domain/address';
import { count, secretFrom } from './values';

export const privacy = z.strictObject({
  /** What is kept and told of client addresses, after country, limits and lists were derived from them. */
  addresses: z.enum(addressModes).default('full'),
  /** Of `hash` and `drop`; `ingest.pepperFrom` where it is left out. */
  pepperFrom: secretFrom.optional(),
  pepperVersion: count(1, 255),
});
