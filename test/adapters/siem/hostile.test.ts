import Ajv2020 from 'ajv/dist/2020';
import fc from 'fast-check';
import parseCefWords from 'nsyslog-parser/cef.js';
import { cefLine } from '../../../src/adapters/siem/cef';
import { cimAlert } from '../../../src/adapters/siem/cim';
import { cloudEventHeaders } from '../../../src/adapters/siem/cloudevents';
import { linksOf } from '../../../src/adapters/siem/links';
import { ocsfFinding } from '../../../src/adapters/siem/ocsf';
import { slackMessage } from '../../../src/adapters/siem/slack';
import { teamsMessage } from '../../../src/adapters/siem/teams';
import { cutBytes, plain } from '../../../src/adapters/siem/text';
import { hecEvent } from '../../../src/adapters/splunk/hec';
import { syslogMessage } from '../../../src/adapters/syslog/message';
import type { AlertDocument } from '../../../src/domain/alert';
import { detectionFinding } from '../../support/ocsf';
import { closedUpdate, hostileAlert, hostileText, openedAlert, suspendedNotice } from '../../support/siem-alerts';

const LARGE = 64 * 1024;
const large = fc
  .constantFrom('a', '=', '\\', '\n', '\0', '"', '\ud800', '𝄞', '<', '|')
  .map((unit) => unit.repeat(LARGE));
const texts = fc.oneof({ weight: 12, arbitrary: hostileText }, { weight: 1, arbitrary: large });
const property = (check: (document: AlertDocument, text: string) => void) =>
  fc.assert(
    fc.property(texts, (text) => check(hostileAlert(text), text)),
    { numRuns: 120 },
  );

/** Everything that could end a line, reorder it, or speak to a terminal; lone surrogates. */
const UNSAFE = /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

const stringsOf = (value: unknown): string[] =>
  typeof value === 'string'
    ? [value]
    : typeof value === 'object' && value !== null
      ? Object.values(value).flatMap(stringsOf)
      : [];

/** Reads CEF with a parser that is not ours; it leaves escapes as they are. */
const parsed = (line: string) => parseCefWords.parse(line.slice('CEF:'.length));
const unescaped = (text: string) =>
  text.replace(/\\([\\|=nr])/g, (_, mark: string) => ({ n: '\n', r: '\r' })[mark] ?? mark);

describe('CEF', () => {
  const keysOf = (document: AlertDocument) => Object.keys(parsed(cefLine(document, '0.1.0')).fields).sort();

  test('a parser of others reads the header and every field', () => {
    const { headers, fields } = parsed(cefLine(openedAlert, '0.1.0'));
    expect(headers).toMatchObject({
      version: '0',
      deviceVendor: 'keywatch',
      deviceProduct: 'keywatch',
      deviceVersion: '0.1.0',
      deviceEventClassID: 'likely-theft',
      name: 'API key used by a newcomer',
      severity: '10',
    });
    expect(fields).toMatchObject({
      rt: String(Date.parse(openedAlert['@timestamp'])),
      externalId: 'al-5f0c',
      suid: 'key-123',
      suser: 'billing',
      src: '203.0.113.9',
      act: 'suspend',
      cn1: '92',
      cn1Label: 'riskScore',
      cs1: 'in-77',
      msg: openedAlert.event.reason,
      requestClientApplication: 'curl/8.9.1',
      cnt: '31',
    });
    expect(parsed(cefLine(suspendedNotice, '0.1.0')).fields).toMatchObject({
      act: 'key-suspended',
      outcome: 'success',
    });
    expect(parsed(cefLine(closedUpdate, '0.1.0')).fields).toMatchObject({
      c6a2: '2001:db8::7',
      c6a2Label: 'Source IPv6 Address',
    });
  });

  test('no text leaves its field: that parser sees the same header and the same keys, whatever the texts', () => {
    const calm = keysOf(hostileAlert('calm'));
    property((document, text) => {
      const line = cefLine(document, '0.1.0');
      expect(line).not.toMatch(UNSAFE);
      expect(Buffer.byteLength(line)).toBeLessThanOrEqual(8_192);
      const { headers, fields } = parsed(line);
      expect([headers.version, headers.deviceVendor, headers.severity]).toEqual(['0', 'keywatch', '10']);
      expect(unescaped(headers.name!)).toBe(cutBytes(plain(text, 256), 256).slice(0, unescaped(headers.name!).length));
      // It takes an escaped = for a key's end; such a key ends in the backslash that says so.
      const keys = Object.keys(fields).filter((key) => !/\\$/.test(key));
      expect(keys.filter((key) => !calm.includes(key))).toEqual([]);
      expect(fields).toMatchObject({ act: 'suspend', cs2: 'open', cs6: 'enforce', cn1: '92' });
    });
  });

  test('a text without = comes back whole, line breaks too', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const calm = text.replace(/=/g, '-');
        const { fields } = parsed(cefLine(hostileAlert(`x${calm}x`), '0.1.0'));
        const expected = `x${calm}x`
          .split(/(\r|\n)/)
          .map((part) => (/^[\r\n]$/.test(part) ? part : plain(part, 1_023)));
        expect(unescaped(fields.requestClientApplication!)).toBe(expected.join(''));
      }),
      { numRuns: 120 },
    );
  });

  test.each([480, 640, 1_000, 2_048])('fits into %i bytes and keeps what matters most', (bytes) => {
    const line = cefLine(hostileAlert('ü=\\'.repeat(20_000)), '0.1.0', bytes);
    expect(Buffer.byteLength(line)).toBeLessThanOrEqual(bytes);
    expect(parsed(line).fields).toMatchObject({ act: 'suspend', rt: expect.any(String) });
  });
});

describe('syslog', () => {
  const frame = { facility: 'audit', hostname: 'guard\n0 <x>', version: '0.1.0', maxBytes: 2_048 } as const;

  test('is one line of RFC 5424 with a calm header, within its bytes', () => {
    property((document) => {
      const message = syslogMessage(document, frame);
      expect(message).toMatch(/^<106>1 2026-11-24T10:05:00\.123Z guard0<x> keywatch - alert - CEF:0\|keywatch\|/);
      expect(message).not.toMatch(UNSAFE);
      expect(Buffer.byteLength(message)).toBeLessThanOrEqual(2_048);
    });
  });
});

describe('OCSF', () => {
  const valid = new Ajv2020({ strict: false, allErrors: true }).compile(detectionFinding);

  test.each([
    ['an opened incident', openedAlert, 200_401],
    ['a closed incident', closedUpdate, 200_403],
    ['a notice', suspendedNotice, 200_401],
  ])('%s keeps to the published class', (_, document, type) => {
    const finding = ocsfFinding(document);
    expect([valid(finding), valid.errors]).toEqual([true, null]);
    expect(finding).toMatchObject({ type_uid: type });
  });

  test('an update is one, and a suspension revokes access', () => {
    const updated = structuredClone(closedUpdate) as AlertDocument;
    updated.keywatch.incident!.state = 'updated';
    expect(ocsfFinding(updated)).toMatchObject({ activity_id: 2, type_uid: 200_402, is_alert: false });
    expect(ocsfFinding(suspendedNotice)).toMatchObject({ action_id: 2, disposition_id: 24 });
  });

  test('keeps to it whatever the texts, and no text has a control character', () => {
    property((document, text) => {
      fc.pre(text !== '');
      const finding = ocsfFinding(document);
      expect([valid(finding), valid.errors]).toEqual([true, null]);
      expect(stringsOf(finding).filter((string) => UNSAFE.test(string))).toEqual([]);
      expect(JSON.stringify(finding).length).toBeLessThan(120_000);
    });
  });
});

describe('Splunk', () => {
  const place = { index: undefined, source: 'keywatch', sourcetype: 'keywatch:alert', host: 'guard-0' };

  test('severity and type are words that the data model prescribes', () => {
    const severities = ['critical', 'high', 'medium', 'low', 'informational', 'unknown'];
    const types = ['alarm', 'alert', 'event', 'task', 'warning', 'unknown'];
    for (const document of [openedAlert, closedUpdate, suspendedNotice]) {
      const { severity, type } = cimAlert(document) as { severity: string; type: string };
      expect([severities.includes(severity), types.includes(type)]).toEqual([true, true]);
    }
  });

  test('events that lie side by side come apart as they were put together, whatever the texts', () => {
    property((document) => {
      const event = hecEvent(document, place);
      expect(event).not.toMatch(/[\n\r]/);
      const { event: inner } = JSON.parse(event);
      expect(inner).toEqual(JSON.parse(JSON.stringify(cimAlert(document))));
      expect(stringsOf(inner).filter((string) => UNSAFE.test(string))).toEqual([]);
    });
  });
});

const wellFormed = (text: string) => text.replace(/\p{Cs}/gu, '\ufffd');

test('CloudEvents: header values are printable ASCII, and decode to the ids', () => {
  property((document, text) => {
    const headers = cloudEventHeaders(document, 'keywatch');
    for (const value of Object.values(headers)) expect(value).toMatch(/^[\x21\x23-\x7e]{0,2304}$/);
    expect(decodeURIComponent(headers['ce-id']!)).toBe(wellFormed(document.event.id));
    if (text.length < 250) expect(decodeURIComponent(headers['ce-subject'] ?? '')).toBe(wellFormed(text));
  });
});

describe('chat', () => {
  const links = { incident: 'https://siem.example/incidents/{incident}?key={key}' };

  test('Slack: no mention, no link but ours, no text over the limits', () => {
    property((document) => {
      const message = slackMessage(document, links) as { blocks: { type: string; elements?: { url?: string }[] }[] };
      const texts = stringsOf({ ...message, blocks: message.blocks.filter(({ type }) => type !== 'actions') });
      for (const string of texts) {
        // A mention is <!…>, <@…> or <#…>, a link <http…>: without an angle bracket there is neither.
        expect(string).not.toMatch(/[<>]|&(?!(amp|lt|gt);)|:\/\/|@(here|channel|everyone)/);
        expect(string.replace(/\n/g, '')).not.toMatch(UNSAFE);
        expect(string.length).toBeLessThanOrEqual(8_000);
      }
      const blocks = stringsOf(message.blocks);
      expect(blocks.every((string) => string.length <= 3_000)).toBe(true);
      const urls = message.blocks.flatMap(({ elements = [] }) => elements.flatMap(({ url }) => url ?? []));
      for (const url of urls) expect(new URL(url)).toMatchObject({ origin: 'https://siem.example' });
      expect(JSON.stringify(message)).not.toContain('"verbatim":false');
    });
  });

  test('Teams: texts are text runs alone, links are ours, nobody is mentioned', () => {
    property((document) => {
      const { attachments } = teamsMessage(document, links) as {
        attachments: {
          content: { body: { type: string; inlines: { type: string; text: string }[] }[]; actions: { url: string }[] };
        }[];
      };
      const { body, actions, ...rest } = attachments[0]!.content;
      expect(Object.keys(rest).sort()).toEqual(['$schema', 'type', 'version']);
      for (const block of body) {
        expect(block.type).toBe('RichTextBlock');
        for (const run of block.inlines) {
          expect(run.type).toBe('TextRun');
          expect(run.text).not.toMatch(/:\/\/|\{\{/);
          expect(run.text).not.toMatch(UNSAFE);
        }
      }
      for (const { url } of actions) expect(new URL(url).origin).toBe('https://siem.example');
      expect(JSON.stringify(body).length).toBeLessThan(28_000);
    });
  });

  test('a link needs the id that its template names', () => {
    expect(linksOf(suspendedNotice, links)).toEqual([]);
    expect(linksOf(openedAlert, {})).toEqual([]);
    expect(linksOf(hostileAlert('../../?x=1#y'), links)).toEqual([
      {
        title: 'Open incident',
        url: 'https://siem.example/incidents/..%2F..%2F%3Fx%3D1%23y?key=..%2F..%2F%3Fx%3D1%23y',
      },
    ]);
  });
});

test('cutting by bytes never breaks a character', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat(40), (text, max) => {
      const cut = cutBytes(text, max);
      expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(max);
      expect(text.startsWith(cut)).toBe(true);
    }),
  );
});
