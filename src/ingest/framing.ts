import type { Rejection } from '../domain/rejection';
import { reject } from './decoder';

/**
 * Framings by which a record's bytes are known to be no text: what they are, and what to change where they are written.
 * Asked of every record, so the first byte decides at once for whatever begins as text does. Sources: Confluent's wire
 * format, AWS Glue's, the Avro specification (object container files, single-object encoding), Protocol Buffers' encoding.
 */

const asJson = 'have the producer or a stream processor write plain JSON without a schema registry';

const unsupported = (what: string, instead: string): Rejection => reject('unsupported-encoding', `${what}: ${instead}`);

const confluentJson = unsupported(
  'JSON behind a schema registry frame (magic byte 0)',
  'use a JSON serializer without schema registry, or strip the first 5 bytes upstream',
);
const confluent = unsupported('a schema registry frame (magic byte 0) of Avro or Protobuf', asJson);
const confluentGuid = unsupported('a schema registry frame (magic byte 1, schema GUID)', asJson);
const glue = unsupported('an AWS Glue schema registry frame', asJson);
const avroContainer = unsupported('an Avro object container file', 'write one JSON object a record, not Avro');
const avroSingle = unsupported('Avro in single-object encoding', 'write one JSON object a record, not Avro');
const protobuf = unsupported(
  'Protobuf, by its field tags',
  'write JSON instead (OpenTelemetry collector: encoding otlp_json; Envoy: a json_format access log)',
);
const gzip = unsupported('gzip data', 'write plain text; compression of the topic or producer is fine');
const utf16 = unsupported('UTF-16', 'expected UTF-8');
const rawHttp = reject('not-json', 'a raw HTTP request: set meta_format to default in the kafka-logger of APISIX');

/** Fields of a message that are looked at before it counts as Protobuf. */
const MAX_FIELDS = 64;

/** Position after the varint at `at`; -1 when it is longer than ten bytes or cut off. */
function afterVarint(bytes: Buffer, at: number): number {
  for (let i = at; i < bytes.length && i < at + 10; i += 1) if (bytes[i] < 0x80) return i + 1;
  return -1;
}

/** Whether the bytes are Protobuf fields from the first to the last: tags with a number, and lengths that fit. */
function isProtobuf(bytes: Buffer): boolean {
  let at = 0;
  for (let fields = 0; at < bytes.length && fields < MAX_FIELDS; fields += 1) {
    const tag = bytes[at];
    const wire = tag & 7;
    if (tag < 0x80 && tag < 8) return false;
    at = afterVarint(bytes, at);
    if (at < 0) return false;
    if (wire === 0) at = afterVarint(bytes, at);
    else if (wire === 1) at += 8;
    else if (wire === 5) at += 4;
    else if (wire === 2) {
      const end = afterVarint(bytes, at);
      let length = 0;
      for (let i = end - 1; i >= at; i -= 1) length = length * 128 + (bytes[i] & 127);
      at = end < 0 ? -1 : end + length;
    } else return false;
    if (at < 0 || at > bytes.length) return false;
  }
  return at > 0;
}

/** Control characters that no text has. */
const hasControls = (bytes: Buffer): boolean => {
  for (let i = 0; i < bytes.length && i < 512; i += 1) {
    const byte = bytes[i];
    if (byte < 32 && byte !== 9 && byte !== 10 && byte !== 13) return true;
  }
  return false;
};

const startsWith = (bytes: Buffer, ...start: readonly number[]): boolean => start.every((byte, i) => bytes[i] === byte);

/** Why the bytes cannot be a record's text; undefined where nothing speaks against it. Looks at 512 bytes and 64 fields. */
export function framingFault(bytes: Buffer): Rejection | undefined {
  const first = bytes[0];
  if (first === 0x7b || first === 0x5b) return undefined;
  if (first === 0 && bytes.length > 5) return bytes[5] === 0x7b || bytes[5] === 0x5b ? confluentJson : confluent;
  if (first === 1 && bytes.length > 17) return confluentGuid;
  if (first === 3 && (bytes[1] === 0 || bytes[1] === 5) && bytes.length > 18) return glue;
  if (startsWith(bytes, 0x4f, 0x62, 0x6a, 1)) return avroContainer;
  if (startsWith(bytes, 0xc3, 1)) return avroSingle;
  if (startsWith(bytes, 0x1f, 0x8b)) return gzip;
  if (startsWith(bytes, 0xff, 0xfe) || startsWith(bytes, 0xfe, 0xff)) return utf16;
  if (first < 32 && hasControls(bytes) && isProtobuf(bytes)) return protobuf;
  if (
    first >= 65 &&
    first <= 90 &&
    /^[A-Z]{3,10} \S{1,2000} HTTP\/1\.[01]\r?\n/.test(bytes.toString('latin1', 0, 2_048))
  )
    return rawHttp;
  return undefined;
}
