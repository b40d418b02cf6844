import { isKnownTag, owaspRisks, techniques } from '../domain/threat';
import type { Finding } from './config-faults';
import { isMap, type Path, valueAt } from './config-shape';
import { nearest } from './nearest';

/** Tags that are written as ids must name something: an alert could not say what else they mean. */
export const tagFindings = (document: unknown): Finding[] => {
  const tags = valueAt(document, ['alerting', 'tags']);
  if (!isMap(tags)) return [];
  return Object.entries(tags).flatMap(([detector, list]) =>
    (Array.isArray(list) ? list : []).flatMap((id, i) =>
      typeof id === 'string' && !isKnownTag(id) ? [unknownTag(['alerting', 'tags', detector, i], id)] : [],
    ),
  );
};

const unknownTag = (path: Path, id: string): Finding => {
  const near = nearest(id, [...Object.keys(owaspRisks), ...techniques.map((technique) => technique.id)]);
  return {
    path,
    expected: 'expected an id that keywatch knows (docs/siem.md), or a whole technique with id, name and tactic',
    hint: near === undefined ? undefined : `did you mean ${near}?`,
  };
};
