/**
 * How each field of an alert document (src/domain/alert.ts) is indexed: Elastic Common Schema 8.17 where it has the
 * field, the same habits below `keywatch`.
 *
 * Nothing is dynamic: a field that the template does not know yet is kept in the document and not indexed, where
 * `strict` would refuse the whole alert. Texts longer than `ignore_above` are kept, shown and not searchable.
 *
 * Evidence is a plain array of objects, not `nested` and not `flattened`: Kibana's tables, filters and charts work on
 * its columns as on any other field, numbers stay numbers. The price: a query cannot ask that two conditions hold in the
 * same piece of evidence.
 */
export type Mapping = Readonly<Record<string, unknown>>;

const keyword: Mapping = { type: 'keyword', ignore_above: 1_024 };
/** Exact values and full text: `x` and `x.text`. */
const searchable: Mapping = { ...keyword, fields: { text: { type: 'match_only_text' } } };
const text: Mapping = { type: 'match_only_text' };
const date: Mapping = { type: 'date' };
const long: Mapping = { type: 'long' };
const float: Mapping = { type: 'float' };
const ip: Mapping = { type: 'ip' };
const constant: Mapping = { type: 'constant_keyword' };

const object = (properties: Readonly<Record<string, Mapping>>): Mapping => ({ properties });
const named = { id: keyword, name: searchable };

export const alertMappings: Mapping = {
  dynamic: false,
  properties: {
    // A data stream's time must be one: here, and only here, a malformed value refuses the document.
    '@timestamp': { ...date, ignore_malformed: false },
    data_stream: object({ type: constant, dataset: constant, namespace: constant }),
    ecs: object({ version: keyword }),
    message: text,
    event: object({
      id: keyword,
      kind: keyword,
      category: keyword,
      type: keyword,
      action: keyword,
      outcome: keyword,
      module: keyword,
      dataset: keyword,
      start: date,
      end: date,
      ingested: date,
      risk_score: float,
      severity: long,
      // ECS says keyword; as text alone it would be in conflict with every other stream of a `logs-*` data view.
      reason: searchable,
      sequence: long,
    }),
    user: object({ id: keyword, name: searchable }),
    organization: object({ id: keyword }),
    source: object({ ip, geo: object({ country_iso_code: keyword }), as: object({ number: long }) }),
    user_agent: object({ original: searchable }),
    threat: object({
      framework: keyword,
      tactic: object({ id: keyword, name: keyword }),
      technique: object({ ...named, subtechnique: object(named) }),
    }),
    rule: object({ name: keyword, ruleset: keyword }),
    related: object({ ip, user: keyword }),
    keywatch: object({
      mode: keyword,
      action: keyword,
      actor: keyword,
      group: object({ id: keyword, keys: long, alert: keyword }),
      incident: object({ id: keyword, state: keyword, requests: long }),
      request: object({ id: keyword, state: keyword, rail: keyword, detail: searchable }),
      evidence: object({
        detector: keyword,
        facet: keyword,
        kind: keyword,
        surprise: float,
        confidence: float,
        saw: searchable,
        expected: searchable,
        since: date,
        risk_without: float,
        tags: keyword,
        muted: { type: 'boolean' },
      }),
      confidence: float,
      baseline: object({
        since: date,
        active_days: long,
        events: long,
        known: object({ actors: long, networks: long, countries: long, clients: long }),
        usual_countries: keyword,
        usual_hours: keyword,
        requests_per_day: object({ usual: float, most: long }),
        confidence: float,
      }),
      mutes: object({ facet: keyword, until: date, by: keyword }),
      attack_version: keyword,
      owasp: keyword,
      source_hash: keyword,
      still_used_by: object({
        network: keyword,
        client: keyword,
        requests: long,
        last: date,
        suspect: { type: 'boolean' },
      }),
      muted: keyword,
      held_back: object({ by: keyword, window: keyword, documents: long, keys: long }),
      audit: object({
        chain: keyword,
        start: long,
        sequence: long,
        hash: keyword,
        every: long,
        at: date,
        key: keyword,
        signature: keyword,
      }),
      canary: { type: 'boolean' },
      test: { type: 'boolean' },
    }),
  },
};
