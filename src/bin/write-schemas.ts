import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { publishedSchemas, schemaText } from '../adapters/schemas';

/** `npm run schemas`: brings `schemas/` up to date with the code; a test fails while it is not. */
const folder = join(__dirname, '..', '..', 'schemas');
mkdirSync(folder, { recursive: true });
for (const [name, schema] of Object.entries(publishedSchemas())) writeFileSync(join(folder, name), schemaText(schema));
