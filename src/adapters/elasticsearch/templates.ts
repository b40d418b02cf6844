import { createHash } from 'node:crypto';
import { dataStreamName } from './data-stream';
import { alertMappings, type Mapping } from './mappings';

/** Grows with every change of what the templates say, so that an older keywatch leaves a newer one's as they are. */
export const TEMPLATE_VERSION = 1;

/** How long alerts are kept: by the data stream's own lifecycle, or by an index lifecycle policy that is there already. */
export type Retention = { readonly retentionMs: number } | { readonly ilmPolicy: string };

/** One thing to install: `PUT /<path>` with `body`. */
export interface Template {
  readonly what: 'component template' | 'index template';
  readonly name: string;
  readonly path: string;
  readonly body: Mapping & { readonly version: number; readonly _meta: TemplateMeta };
}

/** How a template says that it is keywatch's, and whether it is this one. */
export interface TemplateMeta {
  readonly managed_by: 'keywatch';
  readonly description: string;
  readonly digest: string;
}

const BASE = dataStreamName('').replace(/-$/, '');
const names = { mappings: `${BASE}@mappings`, settings: `${BASE}@settings`, custom: `${BASE}@custom` };

/**
 * Above Elastic's catch-all for `logs-*-*` (100) and an integration's own templates (200). `logs-keywatch.alert@custom`
 * is the operator's: it is never written here, and what it says comes last.
 */
const PRIORITY = 250;

/** The templates, in the order in which they must be installed. */
export function templatesOf(retention: Retention): readonly Template[] {
  return [
    template('component template', names.mappings, 'Fields of keywatch alerts (ECS 8.17)', {
      template: { mappings: alertMappings },
    }),
    template('component template', names.settings, 'Settings and retention of keywatch alerts', {
      template: settingsOf(retention),
    }),
    template('index template', BASE, 'Data streams of keywatch alerts', {
      index_patterns: [`${BASE}-*`],
      data_stream: {},
      priority: PRIORITY,
      composed_of: [names.mappings, names.settings, names.custom],
      ignore_missing_component_templates: [names.custom],
    }),
  ];
}

function settingsOf(retention: Retention): Mapping {
  // A field of the wrong form is left unindexed and named in `_ignored`; the alert is kept.
  const settings = { 'index.codec': 'best_compression', 'index.mapping.ignore_malformed': true };
  if ('ilmPolicy' in retention) return { settings: { ...settings, 'index.lifecycle.name': retention.ilmPolicy } };
  return { settings, lifecycle: { data_retention: timeValue(retention.retentionMs) } };
}

function template(what: Template['what'], name: string, description: string, content: Mapping): Template {
  const digest = createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 16);
  const meta: TemplateMeta = { managed_by: 'keywatch', description, digest };
  const kind = what === 'index template' ? '_index_template' : '_component_template';
  return { what, name, path: `${kind}/${name}`, body: { ...content, version: TEMPLATE_VERSION, _meta: meta } };
}

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const;

/** Elasticsearch's time value, in the largest unit that keeps it whole. */
function timeValue(ms: number): string {
  const [unit, size] = units.find(([, length]) => ms % length === 0) ?? ['ms', 1];
  return `${ms / size}${unit}`;
}
