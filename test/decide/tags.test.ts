import { defaultTags, owaspOf, tagsOf, threatOf } from '../../src/decide/tags';
import { detectors } from '../../src/detect/registry';
import { facets } from '../../src/domain/evidence';
import { isKnownTag, owaspRisks, techniques } from '../../src/domain/threat';
import { aPiece } from '../support/evidence';

test.each(detectors.map(({ name, facet }) => [name, facet] as const))(
  '%s has a technique and an OWASP risk, all of them known',
  (detector, facet) => {
    const tags = tagsOf({ detector, facet });
    expect(tags.filter((id) => !isKnownTag(id))).toEqual([]);
    expect(tags.some((id) => Object.hasOwn(owaspRisks, id))).toBe(true);
    expect(threatOf([{ detector, facet }])).toBeDefined();
  },
);

test.each(facets)('a detector that no table knows is tagged by its facet: %s', (facet) => {
  const tags = tagsOf({ detector: 'brand-new', facet });
  expect(tags.length).toBeGreaterThanOrEqual(2);
  expect(tags.filter((id) => !isKnownTag(id))).toEqual([]);
  expect(tagsOf({ detector: 'toString', facet })).toEqual(tags);
});

test('the catalogue is sound: ids once, parents by their first half, never the tactic that v19 dissolved', () => {
  const ids = techniques.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { id, parent, tactic } of techniques) {
    expect(id).toMatch(/^T\d{4}(\.\d{3})?$/);
    expect(parent?.id ?? id).toBe(id.split('.')[0]);
    expect(tactic.id).toMatch(/^TA00(01|06|07|08|09|10|11|40|43)$/);
  }
  const names = new Map(
    techniques.flatMap(({ id, name, parent }) => [
      [id, name] as const,
      ...(parent ? [[parent.id, parent.name] as const] : []),
    ]),
  );
  for (const { parent } of techniques) if (parent) expect(names.get(parent.id)).toBe(parent.name);
});

test('a document names each tactic and technique once, ids and names in the same places, parents for sub-techniques', () => {
  const pieces = [
    aPiece({ detector: 'newcomer', facet: 'actor' }),
    aPiece({ detector: 'geography', facet: 'geography' }),
    aPiece({ detector: 'volume', facet: 'volume' }),
  ];
  expect(threatOf(pieces)).toEqual({
    framework: 'MITRE ATT&CK',
    tactic: { id: ['TA0008', 'TA0001', 'TA0009'], name: ['Lateral Movement', 'Initial Access', 'Collection'] },
    technique: {
      id: ['T1550', 'T1078', 'T1119'],
      name: ['Use Alternate Authentication Material', 'Valid Accounts', 'Automated Collection'],
      subtechnique: { id: ['T1550.001', 'T1078.004'], name: ['Application Access Token', 'Cloud Accounts'] },
    },
  });
  expect(owaspOf(pieces)).toEqual(['API2:2023', 'API4:2023']);
});

test('without evidence there is no threat', () => {
  expect(threatOf([])).toBeUndefined();
  expect(owaspOf([])).toEqual([]);
});

test('configured tags replace those of their detector alone, and may name what the catalogue does not have', () => {
  const own = { id: 'T1685', name: 'Something New', tactic: { id: 'TA0112', name: 'Defense Impairment' } };
  const settings = { attackVersion: '19', tags: { volume: [own, 'API6:2023'], client: [] } };
  const volume = aPiece({ detector: 'volume', facet: 'volume' });
  const client = aPiece({ detector: 'client', facet: 'client' });
  expect(tagsOf(volume, settings)).toEqual(['T1685', 'API6:2023']);
  expect(threatOf([volume, client], settings)).toEqual({
    framework: 'MITRE ATT&CK',
    tactic: { id: ['TA0112'], name: ['Defense Impairment'] },
    technique: { id: ['T1685'], name: ['Something New'] },
  });
  expect(tagsOf(client, settings)).toEqual([]);
  expect(tagsOf(aPiece({ detector: 'hours', facet: 'time' }), settings)).toEqual(
    tagsOf({ detector: 'hours', facet: 'time' }),
  );
});

test('what is configured without end comes out bounded', () => {
  const many = Array.from({ length: 200 }, (_, i) => ({
    id: `T${2000 + i}`,
    name: `n${i}`,
    tactic: { id: `TA${1000 + i}`, name: `t${i}` },
  }));
  const threat = threatOf([aPiece()], { ...defaultTags, tags: { volume: many } });
  expect(threat?.technique.id).toHaveLength(32);
  expect(threat?.tactic.id).toHaveLength(32);
});
