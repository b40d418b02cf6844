import fc from 'fast-check';
import type { EvaluationPage } from '../../../src/adapters/report/evaluation';
import { renderEvaluationHtml } from '../../../src/adapters/report/evaluation-html';
import { evaluationJson } from '../../../src/adapters/report/evaluation-json';
import { renderEvaluation } from '../../../src/adapters/report/evaluation-text';
import { visibleWidth } from '../../../src/adapters/terminal';
import type { AlertDocument } from '../../../src/domain/alert';
import { DAY, type EvaluatedStream, score } from '../../../src/evaluate';

const document = (text: string): AlertDocument => ({
  '@timestamp': '1970-01-08T00:00:00.000Z',
  ecs: { version: '8.17.0' },
  message: text,
  event: {
    id: 'e',
    kind: 'alert',
    category: ['api'],
    type: ['info'],
    module: 'keywatch',
    dataset: 'keywatch.alert',
    risk_score: 70,
    severity: 47,
    reason: `Saw ${text}.`,
    sequence: 0,
  },
  user: { id: text, name: text },
  keywatch: {
    mode: 'dry-run',
    action: 'alert',
    evidence: [
      {
        detector: 'client',
        facet: 'client',
        kind: 'statistical',
        surprise: 3,
        confidence: 1,
        saw: text,
        expected: text,
        since: '1970-01-01T00:00:00.000Z',
      },
    ],
  },
});

/** Ten days of ten keys: k1 is stolen and found, k2 falsely alerted, k3 stolen and missed; every name is `text`. */
function page(text: string, over: Partial<EvaluationPage> = {}): EvaluationPage {
  const key = (n: number) => `k${n}${text}`;
  const stream: EvaluatedStream = {
    name: text,
    alerts: [
      { key: key(1), ts: 7 * DAY, score: 80 },
      { key: key(2), ts: 8 * DAY, score: 70 },
    ],
    labels: [
      { key: key(1), start: 7 * DAY, windowEnd: 7 * DAY + 1, kind: text },
      { key: key(3), start: 8 * DAY, windowEnd: 8 * DAY + 1, kind: text },
    ],
    newcomers: [],
    start: 0,
    end: 10 * DAY,
    keys: Array.from({ length: 10 }, (_, i) => key(i)),
  };
  const report = score([stream], { resamples: 50 });
  const worst = report.falseAlerts.map((alert) => ({ ...alert, document: document(text) }));
  const suspensions = { thefts: 1, falseRequests: 0, falseKeys: 0 };
  const window = { start: 7 * DAY, end: 8 * DAY, kind: text, key: key(1) };
  const fleet = {
    stream: text,
    windows: [{ window, added: [key(1)], shared: 0 }],
    falseAlerts: 1,
    plainFalseAlerts: 0,
  };
  return {
    version: '1.2.3',
    pooled: {
      streams: [text],
      events: 1_000,
      report,
      baselines: [
        { name: 'new country', report },
        { name: 'coin', report },
      ],
      suspensions,
      worst,
      fleet: [fleet],
    },
    controls: [
      { stream: text, events: 10, report, baselines: [{ name: 'new country', report }], suspensions, worst, fleet },
    ],
    choice: { budget: 10, risk: 80, report: report.budgets[1]!, measured: report },
    injected: undefined,
    ...over,
  };
}

const hostile = '</title><script>alert(1)</script><img src=x onerror="a">\u001b[2J\u202e&\'';

test('the numbers of the evaluation stand in the text', () => {
  const text = renderEvaluation(page('site'), { width: 100, colour: false });
  expect(text).toMatch(/thefts found +1 of 2, 50 %/);
  // One false alert in 40 judged key-days.
  expect(text).toMatch(/false alerts per 1,000 key-days +25\.0 /);
  expect(text).toMatch(/\n {2}50 +70 +50 \(/);
  expect(text).toMatch(/\n {2}10 +80 +50 \(/);
  expect(text).toMatch(/cross-validated[\s\S]*\n {2}budget keywatch +at +precision +new country coin\n {2}5 +\d+ \(/);
  expect(text).toContain('when: { risk: 80 }');
  expect(text).toContain('1 key added, 0 alerted anyway, in 1 window');
});

test('a narrow terminal leaves out the intervals of the rules, not the rules', () => {
  const row = (width: number) =>
    renderEvaluation(page('site'), { width, colour: false }).match(/\n {2}50 +\d+ \([^)]*\).*/)![0];
  expect(row(80).match(/\(/g)).toHaveLength(1);
  expect(row(120).match(/\(/g)).toHaveLength(3);
});

test('no budget kept, nothing pooled, fewer thefts made than asked for: said', () => {
  const one = page('site');
  const none = renderEvaluation(page('site', { choice: { ...one.choice!, risk: undefined, measured: undefined } }), {
    width: 80,
    colour: false,
  });
  expect(none).toContain('No threshold keeps it');
  const controls = renderEvaluation(page('site', { pooled: undefined, choice: undefined }), {
    width: 80,
    colour: false,
  });
  expect(controls).not.toContain('Found by kind');
  expect(controls).toContain('Without a theft');
  const injected = renderEvaluation(page('site', { injected: { asked: 9, made: 2, seed: 4 } }), {
    width: 120,
    colour: false,
  });
  expect(injected).toContain('2 thefts made');
  expect(injected).toContain('no more of the 9');
});

test('a log cannot speak to the terminal', () => {
  const text = renderEvaluation(page(hostile), { width: 100, colour: false });
  expect(text).not.toMatch(/[\u001b\u202e]/);
});

test('a log cannot write HTML: no tag, no attribute, no script of its own; nothing is loaded', () => {
  const tags = (html: string) => [...html.matchAll(/<[^>]*>/g)].map(([tag]) => tag.replace(/\d+(\.\d+)?/g, '0')).sort();
  const html = renderEvaluationHtml(page(hostile));
  expect(tags(html)).toEqual(tags(renderEvaluationHtml(page('site'))));
  expect(tags(html).join('')).not.toMatch(/<script|<img|\son\w+=|https?:|src=|href=/i);
  expect(html).not.toMatch(/[\u001b\u202e]/);
  expect(html).toContain('&lt;script&gt;');
  expect(html).toContain("default-src 'none'");
});

test('whatever the texts, no line is wider than asked and the page has the tags of any other', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), fc.integer({ min: 60, max: 200 }), (text, width) => {
      for (const line of renderEvaluation(page(text), { width, colour: false }).split('\n')) {
        expect(visibleWidth(line)).toBeLessThanOrEqual(width);
      }
      const html = renderEvaluationHtml(page(text));
      expect(html.split('<').length).toBe(renderEvaluationHtml(page('site')).split('<').length);
    }),
    { numRuns: 40 },
  );
});

test('JSON: everything, thresholds that nothing reaches as null', () => {
  const json = JSON.parse(evaluationJson(page('site')));
  const { report } = page('site').pooled!;
  expect(report.budgets[0]!.threshold).toBe(80);
  expect(json.pooled.report.recall).toEqual(report.recall);
  expect(json.pooled.report.budgets[4].crossValidated).toEqual(report.budgets[4]!.crossValidated);
  expect(json.pooled.baselines[0].budgets[4].crossValidated).toEqual(report.budgets[4]!.crossValidated);
  expect(json.controls[0].baselines).toEqual([expect.objectContaining({ name: 'new country' })]);
  expect(json.pooled.worst[0].document.keywatch.evidence[0].saw).toBe('site');
  const quiet = score([], { resamples: 0 });
  const empty = { ...page('site').pooled!, report: quiet };
  expect(JSON.parse(evaluationJson(page('site', { pooled: empty }))).pooled.report.budgets[0].threshold).toBeNull();
});
