import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { outcomeStates } from '../../src/domain/action';
import { scrapedMetrics } from '../support/metrics-page';
import { readPromql } from '../support/promql';

const folder = join(__dirname, '..', '..', 'integrations');

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}
interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource: object;
  readonly targets: readonly { readonly refId: string; readonly expr: string; readonly legendFormat: string }[];
}

const { groups } = parse(readFileSync(join(folder, 'prometheus', 'alerts.yml'), 'utf8')) as {
  groups: readonly { name: string; rules: readonly Rule[] }[];
};
const rules = groups.flatMap((group) => group.rules);
const dashboard = JSON.parse(readFileSync(join(folder, 'grafana', 'keywatch.json'), 'utf8'));
const panels = dashboard.panels as readonly Panel[];

const expressions = [
  ...rules.map(({ alert, expr }) => [alert, expr] as const),
  ...panels.flatMap(({ title, targets }) => targets.map(({ refId, expr }) => [`${title} ${refId}`, expr] as const)),
];

/** Labels that Prometheus itself adds to what it scrapes. */
const added = ['instance', 'job'];
/** Values of the labels that come from closed lists. */
const closed: Readonly<Record<string, readonly string[]>> = {
  state: outcomeStates,
  kind: ['alert', 'event'],
};

describe('the reader of PromQL', () => {
  test.each([
    ['sum by (instance (rate(keywatch_events_total[5m]))', 'a bracket in a list'],
    ['sum(rate(keywatch_events_total[5m])', 'a bracket left open'],
    ['rate(keywatch_events_total[5])', 'a range without a unit'],
    ['speed(keywatch_events_total[5m])', 'a function that there is not'],
    ['keywatch_breaker_open = 1', 'an assignment'],
    ['keywatch_breaker_open == ', 'a side missing'],
    ['keywatch_breaker_open keywatch_events_total', 'no operator'],
    ['keywatch_outcomes_total{state=held}', 'a value without quotes'],
  ])('refuses %s: %s', (text) => expect(() => readPromql(text)).toThrow(SyntaxError));

  test('names metrics and labels', () => {
    expect(readPromql('sum by (sink) (rate(m_total{result="failed"}[5m] offset 1h)) > 2 * n')).toEqual({
      metrics: ['m_total', 'n'],
      labels: [
        { metric: '', label: 'sink' },
        { metric: 'm_total', label: 'result', value: 'failed' },
      ],
    });
  });
});

test.each(expressions)('%s: its expression is sound, and names what the registry has', async (_, text) => {
  const registry = await scrapedMetrics();
  const { metrics, labels } = readPromql(text);
  expect(metrics.filter((name) => !registry.has(name))).toEqual([]);
  // A label that groups must be one of any metric of the expression; one that matches, one of its own.
  const of = (metric: string) => (metric === '' ? metrics : [metric]).flatMap((name) => [...registry.get(name)!]);
  expect(labels.filter(({ metric, label }) => !added.includes(label) && !of(metric).includes(label))).toEqual([]);
  for (const { label, value } of labels) if (value && closed[label]) expect(closed[label]).toContain(value);
});

describe('alert rules', () => {
  test('have what Prometheus asks for, and a name of their own', () => {
    for (const group of groups) expect(Object.keys(group).sort()).toEqual(['name', 'rules']);
    for (const rule of rules) {
      expect(rule.alert).toMatch(/^Keywatch[A-Z][A-Za-z]+$/);
      if (rule.for !== undefined) expect(rule.for).toMatch(/^\d+[smh]$/);
      expect(['warning', 'critical']).toContain(rule.labels.severity);
      expect(Object.keys(rule.annotations).sort()).toEqual(['description', 'summary']);
    }
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  });

  test('a label in their text is there after the expression has been evaluated', async () => {
    const registry = await scrapedMetrics();
    for (const { expr, annotations } of rules) {
      const kept = [...expr.matchAll(/\bby \(([^)]*)\)/g)].map(([, list]) => list.split(', '));
      const own = readPromql(expr).metrics.flatMap((name) => [...registry.get(name)!, ...added]);
      const used = [
        ...Object.values(annotations)
          .join(' ')
          .matchAll(/\$labels\.(\w+)/g),
      ].map(([, name]) => name);
      for (const label of used) expect([label, (kept[0] ?? own).includes(label)]).toEqual([label, true]);
    }
  });

  test('the states of the outcomes that raise an alarm exist', () => {
    const [, states] = /state=~"([^"]+)"/.exec(rules.map(({ expr }) => expr).join('\n')) as RegExpExecArray;
    for (const state of states.split('|')) expect(outcomeStates).toContain(state);
  });

  test('docs/operations.md has each of them', () => {
    const page = readFileSync(join(folder, '..', 'docs', 'operations.md'), 'utf8');
    const told = [...page.matchAll(/^\| `(Keywatch\w+)` \|/gm)].map(([, name]) => name);
    expect(told.sort()).toEqual(rules.map(({ alert }) => alert).sort());
  });
});

describe('the dashboard of Grafana', () => {
  test('has what an import asks for', () => {
    expect(dashboard).toMatchObject({ uid: 'keywatch', title: 'keywatch', schemaVersion: expect.any(Number) });
    // A dashboard of another installation has an id of its own there.
    expect(dashboard).not.toHaveProperty('id');
    const variables = dashboard.templating.list.map(({ name, type }: { name: string; type: string }) => [name, type]);
    expect(variables).toEqual([
      ['datasource', 'datasource'],
      ['instance', 'query'],
    ]);
  });

  test('every panel asks the chosen data source, within the grid, with an id of its own', () => {
    for (const { type, title, gridPos, datasource, targets } of panels) {
      expect(['stat', 'timeseries']).toContain(type);
      expect(title).not.toBe('');
      expect(datasource).toEqual({ type: 'prometheus', uid: '$' + '{datasource}' });
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
      expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
    }
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  });

  test('no two panels lie over each other', () => {
    const over = panels.flatMap((a, i) =>
      panels.slice(i + 1).filter(({ gridPos: b }) => {
        const { x, y, w, h } = a.gridPos;
        return x < b.x + b.w && b.x < x + w && y < b.y + b.h && b.y < y + h;
      }),
    );
    expect(over).toEqual([]);
  });

  test('every query keeps to the chosen instances', () => {
    for (const { targets } of panels)
      for (const { expr } of targets) {
        const { metrics, labels } = readPromql(expr);
        expect(labels.filter(({ metric, label }) => metric !== '' && label === 'instance')).toHaveLength(
          metrics.length,
        );
      }
  });

  test('a label in a legend is one that the query leaves', () => {
    for (const { targets } of panels)
      for (const { expr, legendFormat } of targets) {
        const used = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name);
        const kept = / by \(([^)]*)\)/.exec(expr)?.[1].split(', ') ?? ['instance', 'partition'];
        expect(used.filter((name) => !kept.includes(name))).toEqual([]);
      }
  });
});
