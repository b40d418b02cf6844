import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tagsOf } from '../src/decide/tags';
import { detectors } from '../src/detect/registry';
import { ATTACK_VERSION, owaspRisks, techniques } from '../src/domain/threat';
import { rowsOf, sectionOf } from './support/markdown';

const page = readFileSync(join(__dirname, '..', 'docs', 'siem.md'), 'utf8');

describe('the table of tags in docs/siem.md', () => {
  const section = sectionOf(page, '## Tags');
  const rows = rowsOf(section).flatMap(([names, attack, tactics, owasp]) =>
    names.split(', ').map((name) => ({ name: name.replaceAll('`', ''), attack, tactics, owasp })),
  );
  const rowOf = (name: string) => rows.find((row) => row.name === name);

  test('has each detector once, and those to come', () => {
    expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
    expect(detectors.map(({ name }) => name).filter((name) => rowOf(name) === undefined)).toEqual([]);
  });

  test.each(rows.map(({ name }) => name))('%s is tagged as it says', (name) => {
    const row = rowOf(name);
    const tags = tagsOf({ detector: name, facet: 'actor' });
    const found = tags.flatMap((id) => techniques.filter((technique) => technique.id === id));
    expect(row?.attack).toBe(found.map(({ id, name: title }) => `${id} ${title}`).join('; '));
    expect(row?.tactics).toBe([...new Set(found.map(({ tactic }) => tactic.name))].join('; '));
    const risks = tags.filter((id) => Object.hasOwn(owaspRisks, id));
    expect(row?.owasp).toBe(risks.map((id) => id.replace(':2023', '')).join(', '));
  });

  test('names the version of ATT&CK', () => expect(section).toContain(`version ${ATTACK_VERSION})`));
});
