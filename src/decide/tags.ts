import type { AlertDocument } from '../domain/alert';
import type { Facet } from '../domain/evidence';
import { ATTACK_VERSION, owaspRisks, type Technique, techniques } from '../domain/threat';

/** One tag as it may be configured: an id of the catalogue, or a technique that the catalogue does not have. */
export type Tag = string | Technique;

/** Which tags a detector's evidence gets in place of the ones below, and the ATT&CK version that they are of. */
export interface TagSettings {
  readonly attackVersion: string;
  readonly tags: Readonly<Record<string, readonly Tag[]>>;
}

export const defaultTags: TagSettings = { attackVersion: ATTACK_VERSION, tags: {} };

/** What each detector's evidence supports: what was seen, not what a thief might do next. */
const detectorTags: Readonly<Record<string, readonly string[]>> = {
  newcomer: ['T1550.001', 'T1078.004', 'API2:2023'],
  spread: ['T1550.001', 'T1528', 'API2:2023'],
  geography: ['T1078.004', 'API2:2023'],
  travel: ['T1550.001', 'T1078.004', 'API2:2023'],
  client: ['T1550.001', 'API2:2023'],
  hours: ['T1078.004', 'API2:2023'],
  dormancy: ['T1078.004', 'API2:2023'],
  volume: ['T1119', 'API4:2023'],
  growth: ['T1119', 'API4:2023'],
  size: ['T1530', 'T1020', 'API4:2023'],
  errors: ['T1526', 'API1:2023'],
  auth: ['T1110', 'API2:2023', 'API5:2023'],
  stuffing: ['T1110.004', 'API2:2023'],
  routes: ['T1526', 'API5:2023'],
  resources: ['T1119', 'T1213', 'API1:2023'],
  limits: ['T1078.004', 'API2:2023'],
  lists: ['T1078.004', 'API2:2023'],
  model: ['T1550.001', 'API2:2023'],
};

/** For a detector that the table above does not name. */
const facetTags: Readonly<Record<Facet, readonly string[]>> = {
  actor: ['T1550.001', 'API2:2023'],
  geography: ['T1078.004', 'API2:2023'],
  client: ['T1550.001', 'API2:2023'],
  time: ['T1078.004', 'API2:2023'],
  volume: ['T1119', 'API4:2023'],
  errors: ['T1526', 'API1:2023'],
  auth: ['T1110', 'API2:2023'],
  routes: ['T1526', 'API5:2023'],
  limits: ['T1078.004', 'API2:2023'],
  joint: ['T1550.001', 'API2:2023'],
};

const catalogue: ReadonlyMap<string, Technique> = new Map(techniques.map((technique) => [technique.id, technique]));

/** At most this many techniques (and OWASP risks) of one document. */
const MAX_TAGS = 32;

interface Tagged {
  readonly detector: string;
  readonly facet: Facet;
}

/** Ids for one piece of evidence, OWASP's last. Never throws: an id that names nothing was refused with the configuration. */
export function tagsOf(piece: Tagged, settings: TagSettings = defaultTags): readonly string[] {
  return chosen(piece, settings).map((tag) => (typeof tag === 'string' ? tag : tag.id));
}

/**
 * The ECS `threat` fields and the OWASP ids of a document: the union over its evidence, each once, in the evidence's
 * order. Ids and names lie at the same places of their arrays; a sub-technique's parent stands under `technique`.
 * Undefined where no piece points to a technique.
 */
export function threatOf(evidence: readonly Tagged[], settings: TagSettings = defaultTags): AlertDocument['threat'] {
  const tactics = new Map<string, string>();
  const parents = new Map<string, string>();
  const children = new Map<string, string>();
  const all = new Map(evidence.flatMap((piece) => chosen(piece, settings)).flatMap(asEntry));
  for (const technique of [...all.values()].slice(0, MAX_TAGS)) {
    tactics.set(technique.tactic.id, technique.tactic.name);
    const { id, name } = technique.parent ?? technique;
    parents.set(id, name);
    if (technique.parent !== undefined) children.set(technique.id, technique.name);
  }
  if (parents.size === 0) return undefined;
  return {
    framework: 'MITRE ATT&CK',
    tactic: idsAndNames(tactics),
    technique: {
      ...idsAndNames(parents),
      ...(children.size === 0 ? {} : { subtechnique: idsAndNames(children) }),
    },
  };
}

/** The OWASP ids of a document, each once. */
export function owaspOf(evidence: readonly Tagged[], settings: TagSettings = defaultTags): readonly string[] {
  const ids = evidence.flatMap((piece) => tagsOf(piece, settings)).filter((id) => Object.hasOwn(owaspRisks, id));
  return [...new Set(ids)];
}

function chosen(piece: Tagged, settings: TagSettings): readonly Tag[] {
  const { tags } = settings;
  const own = [tags, detectorTags].find((table) => Object.hasOwn(table, piece.detector));
  return own?.[piece.detector] ?? facetTags[piece.facet] ?? [];
}

function asEntry(tag: Tag): [string, Technique][] {
  const technique = typeof tag === 'string' ? catalogue.get(tag) : tag;
  return technique === undefined ? [] : [[technique.id, technique]];
}

function idsAndNames(map: ReadonlyMap<string, string>): { id: string[]; name: string[] } {
  return { id: [...map.keys()], name: [...map.values()] };
}
