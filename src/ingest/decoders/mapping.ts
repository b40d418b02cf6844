import { type Decoder, reject } from '../decoder';
import type { Mapping } from '../mapping';
import { type FieldPath, parsePath, valueAt } from '../path';
import { keys } from '../table';
import { tableDecoder } from '../table-decoder';

const placesOf = (path: string | undefined): readonly FieldPath[] => {
  const parsed = path === undefined ? undefined : parsePath(path);
  return parsed === undefined ? [] : [parsed];
};

const keyKinds = {
  auto: ['credential', true],
  id: ['credential', false],
  consumer: ['consumer', false],
  secret: ['hash', false],
} as const;

/** Rejects every record: the format was asked for without saying where its fields are. */
const unmapped: Decoder = {
  input: 'json',
  recognise: () => undefined,
  decode: () => reject('missing-field', 'ingest.mapping is not set: it says where the fields of a record are'),
};

/** Decoder of the JSON that the configuration describes. It recognises nothing: it is used where it is named. */
export function mappingDecoder(mapping: Mapping | undefined): Decoder {
  if (mapping === undefined) return unmapped;
  const [records] = placesOf(mapping.records);
  const [kind, ambiguous] = keyKinds[mapping.keyType];
  return tableDecoder({
    recognise: () => undefined,
    unwrap(value) {
      const list = records === undefined ? undefined : valueAt(value, records);
      return Array.isArray(list) ? list : undefined;
    },
    table: {
      time: placesOf(mapping.time).map((at) => ({ at, unit: mapping.timeUnit })),
      keys: keys(kind, placesOf(mapping.key), { ambiguous }),
      keyName: placesOf(mapping.keyName),
      tenant: placesOf(mapping.tenant),
      peer: placesOf(mapping.ip),
      forwardedFor: placesOf(mapping.forwardedFor),
      method: placesOf(mapping.method),
      uri: placesOf(mapping.path),
      route: placesOf(mapping.route),
      status: placesOf(mapping.status),
      userAgent: placesOf(mapping.userAgent),
      bytes: placesOf(mapping.bytes),
      latency: placesOf(mapping.latency).map((at) => ({ at, unit: mapping.latencyUnit })),
      requestId: placesOf(mapping.requestId),
      country: placesOf(mapping.country),
      outcome: placesOf(mapping.outcome),
      headers: { maps: placesOf(mapping.headers) },
      secrets: mapping.secrets.flatMap(placesOf),
      constants: mapping.constants,
    },
  });
}
