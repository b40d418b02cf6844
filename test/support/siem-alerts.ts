import fc from 'fast-check';
import type { AlertDocument } from '../../src/domain/alert';

/** An opened incident with everything that a document can say. */
export const openedAlert: AlertDocument = {
  '@timestamp': '2026-11-24T10:05:00.123Z',
  ecs: { version: '8.17.0' },
  message: 'API key used by a newcomer',
  event: {
    id: 'al-5f0c',
    kind: 'alert',
    category: ['api', 'intrusion_detection'],
    type: ['info'],
    module: 'keywatch',
    dataset: 'keywatch.alert',
    start: '2026-11-24T10:00:00.000Z',
    end: '2026-11-24T10:04:59.000Z',
    risk_score: 91.5,
    severity: 99,
    reason: 'Saw requests from Brazil; curl. Expected Germany in 9,214 of 9,230 requests.',
    sequence: 0,
  },
  user: { id: 'key-123', name: 'billing' },
  organization: { id: 'acme' },
  source: { ip: '203.0.113.9', geo: { country_iso_code: 'BR' }, as: { number: 64_500 } },
  user_agent: { original: 'curl/8.9.1' },
  threat: {
    framework: 'MITRE ATT&CK',
    tactic: { id: ['TA0008', 'TA0001'], name: ['Lateral Movement', 'Initial Access'] },
    technique: {
      id: ['T1550', 'T1078'],
      name: ['Use Alternate Authentication Material', 'Valid Accounts'],
      subtechnique: { id: ['T1550.001', 'T1078.004'], name: ['Application Access Token', 'Cloud Accounts'] },
    },
  },
  rule: { name: 'likely-theft', ruleset: 'keywatch-policy' },
  related: { ip: ['203.0.113.8', '203.0.113.9'], user: ['key-123'] },
  keywatch: {
    mode: 'enforce',
    action: 'suspend',
    incident: { id: 'in-77', state: 'open', requests: 31 },
    evidence: [
      {
        detector: 'newcomer',
        facet: 'actor',
        kind: 'statistical',
        surprise: 4.1,
        confidence: 0.9,
        saw: 'requests from Brazil with curl',
        expected: 'Germany in 9,214 of 9,230 requests',
        since: '2026-10-01T00:00:00.000Z',
        risk_without: 61.2,
      },
      {
        detector: 'volume',
        facet: 'volume',
        kind: 'statistical',
        surprise: 2.2,
        confidence: 0.8,
        saw: '5,740 requests in an hour',
        expected: 'about 410',
        since: '2026-10-01T00:00:00.000Z',
      },
    ],
    confidence: 0.87,
    attack_version: '18',
    owasp: ['API2:2023'],
  },
};

/** The same incident's end, from an IPv6 address, of a key without a name of its own. */
export const closedUpdate: AlertDocument = {
  ...openedAlert,
  event: { ...openedAlert.event, id: 'al-5f0d', kind: 'event', severity: 47, risk_score: 60.2, sequence: 3 },
  user: { id: 'key-123', name: 'key-123' },
  source: { ip: '2001:db8::7' },
  related: { ip: ['2001:db8::7'], user: ['key-123'] },
  keywatch: { ...openedAlert.keywatch, mode: 'dry-run', incident: { id: 'in-77', state: 'closed', requests: 40 } },
};

/** keywatch says what it did: no `user`, no evidence. */
export const suspendedNotice: AlertDocument = {
  '@timestamp': '2026-11-24T10:05:02.500Z',
  ecs: { version: '8.17.0' },
  message: 'Key suspended',
  event: {
    id: 'no-1',
    kind: 'event',
    category: ['iam'],
    type: ['change'],
    action: 'key-suspended',
    outcome: 'success',
    module: 'keywatch',
    dataset: 'keywatch.alert',
    risk_score: 91.5,
    severity: 47,
    reason: 'The receiver acknowledged the suspension of key-123.',
    sequence: 0,
  },
  related: { user: ['key-123'] },
  keywatch: {
    mode: 'enforce',
    action: 'suspend',
    request: { id: 'req-1', state: 'delivered', detail: 'HTTP 200' },
    evidence: [],
  },
};

/** Texts that a hostile client may have chosen, in every place that takes its texts. */
export function hostileAlert(text: string): AlertDocument {
  return {
    ...openedAlert,
    message: text,
    event: { ...openedAlert.event, id: `id-${text.slice(0, 24)}`, reason: text },
    user: { id: text, name: text },
    organization: { id: text },
    source: { ip: text },
    user_agent: { original: text },
    rule: { name: text, ruleset: text },
    related: { ip: [text], user: [text] },
    keywatch: {
      ...openedAlert.keywatch,
      incident: { id: text, state: 'open', requests: 1 },
      request: { id: text, state: text, detail: text },
      evidence: openedAlert.keywatch.evidence.map((piece) => ({ ...piece, saw: text, expected: text })),
    },
  };
}

const fragments = [
  '\n', '\r', '\r\n', '\0', '\u001b[31m', '|', '\\', '\\|', '=', '\\=', ' act=allow', '\u2028', '\u2029', '\u0085',
  '\ud800', '\udc00', '\u202e', '"', ']', '<!channel>', '<@U1>', '<https://evil.example|bank>', '@channel', '@here',
  '[bank](https://evil.example)', 'https://evil.example/', '*', '_', '`', '&lt;!channel&gt;', '{{DATE(2017)}}', '<at>x</at>',
  'CEF:0|a|b|c|d|e|9|', '<13>1 - - - - - - x', '{"event":', '𝄞', 'ümläut', ' ', '%0a', 'a',
]; // biome-ignore format: a table

/** Pieces that mean something to one of the formats, in any order, and any Unicode. */
export const hostileText = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.array(fc.constantFrom(...fragments), { minLength: 1, maxLength: 12 }).map((parts) => parts.join('')),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
);
