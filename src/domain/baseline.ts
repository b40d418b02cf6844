import { z } from 'zod';

const number = z.number().int().min(0);

/**
 * A key's past in ten numbers, so that a person sees what is odd about the present. Taken from what Detect keeps at the
 * moment of a decision, before the event that led to it was learned. Counts of what is known are from this version's
 * memory on: what was forgotten and met again counts twice, what was met before a summary was kept not at all.
 */
export const baselineSummary = z.object({
  since: z.iso.datetime().describe('First event of the key.'),
  active_days: number.describe('Days on which the key was used.'),
  events: number.describe('Requests that were learned.'),
  known: z.object({
    actors: number.describe('At least so many: those that brought a network or a client of their own.'),
    networks: number.describe('IPv4 /24 and IPv6 /48.'),
    countries: number,
    clients: number.describe('User agents without their versions.'),
  }),
  usual_countries: z.array(z.string().length(2)).max(3).describe('The most used ones, the most used first.'),
  usual_hours: z
    .array(z.string().regex(/^\d{2}:00-\d{2}:00$/))
    .max(6)
    .describe('Hours of the day in UTC, of all days of the week.'),
  requests_per_day: z
    .object({ usual: z.number().min(0), most: number })
    .optional()
    .describe('Of days in use. Absent before the first whole day.'),
  confidence: z.number().min(0).max(1).describe('How settled this past is.'),
});

export type BaselineSummary = z.infer<typeof baselineSummary>;
