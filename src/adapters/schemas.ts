import { z } from 'zod';
import { configSchema } from '../config';
import { alertDocument } from '../domain/alert';
import { usageEventRecord } from '../domain/event';

type JsonSchema = Readonly<Record<string, unknown>>;

const publish = (name: string, title: string, schema: z.ZodType, io: 'input' | 'output'): JsonSchema => {
  const { $schema, ...rest } = z.toJSONSchema(schema, { target: 'draft-2020-12', io });
  return { $schema, $id: `urn:keywatch:schema:${name}`, title, ...rest };
};

/**
 * The JSON Schemas (draft 2020-12) that other programs may rely on, by file name. What keywatch reads is described as
 * it may be written, what it writes as it comes out.
 */
export const publishedSchemas = (): Readonly<Record<string, JsonSchema>> => ({
  'usage-event.schema.json': publish('usage-event', 'keywatch usage event', usageEventRecord, 'input'),
  'alert.schema.json': publish('alert', 'keywatch alert document (ECS)', alertDocument, 'output'),
  'config.schema.json': publish('config', 'keywatch configuration', configSchema, 'input'),
});

/** The text of a schema's file. */
export const schemaText = (schema: JsonSchema): string => `${JSON.stringify(schema, null, 2)}\n`;
