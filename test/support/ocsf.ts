/**
 * The part of OCSF 1.8.0 that keywatch's Detection Findings use, as JSON Schema: required attributes, enumerations and
 * constraints of the class `detection_finding` and its objects; an attribute that is not listed is refused. By the
 * published schema (github.com/ocsf/ocsf-schema): events/findings, objects, profiles/security_control.
 */
type Shape = Readonly<Record<string, unknown>>;

const text: Shape = { type: 'string', minLength: 1 };
const time: Shape = { type: 'integer', minimum: 1_000_000_000_000 };
const whole: Shape = { type: 'integer' };
const one = (...values: number[]): Shape => ({ enum: values });
const list = (items: Shape): Shape => ({ type: 'array', minItems: 1, items });
const object = (
  properties: Readonly<Record<string, Shape>>,
  required: readonly string[] = [],
  anyOf: readonly string[] = [],
) => ({
  type: 'object',
  additionalProperties: false,
  properties,
  required,
  ...(anyOf.length === 0 ? {} : { anyOf: anyOf.map((name) => ({ required: [name] })) }),
});

const named = object({ uid: text, name: text }, [], ['uid', 'name']);
const observation = object(
  { value: { type: 'string' }, timespan: object({ start_time: time, end_time: time }, [], ['start_time', 'end_time']) },
  ['value'],
);
const observed = object({ observation_parameter: text, observation_type: text, observations: list(observation) }, [
  'observation_parameter',
  'observations',
]);

export const detectionFinding = {
  ...object(
    {
      activity_id: one(1, 2, 3),
      activity_name: { enum: ['Create', 'Update', 'Close'] },
      category_uid: one(2),
      category_name: { const: 'Findings' },
      class_uid: one(2004),
      class_name: { const: 'Detection Finding' },
      type_uid: one(200_401, 200_402, 200_403),
      type_name: text,
      time,
      start_time: time,
      end_time: time,
      severity_id: one(0, 1, 2, 3, 4, 5, 6, 99),
      severity: { enum: ['Unknown', 'Informational', 'Low', 'Medium', 'High', 'Critical', 'Fatal', 'Other'] },
      message: { type: 'string' },
      status_id: one(0, 1, 2, 3, 4, 5, 6, 99),
      status: text,
      is_alert: { type: 'boolean' },
      risk_score: whole,
      risk_level_id: one(0, 1, 2, 3, 4, 99),
      risk_level: { enum: ['Info', 'Low', 'Medium', 'High', 'Critical'] },
      confidence_id: one(0, 1, 2, 3, 99),
      confidence: { enum: ['Unknown', 'Low', 'Medium', 'High'] },
      confidence_score: whole,
      action_id: one(0, 1, 2),
      action: { enum: ['Unknown', 'Allowed', 'Denied'] },
      disposition_id: one(9, 16, 24),
      disposition: { enum: ['Restored', 'No Action', 'Access Revoked'] },
      metadata: object(
        {
          version: { const: '1.8.0' },
          uid: text,
          product: object({ name: text, vendor_name: text, version: text }, [], ['name', 'uid']),
          log_name: text,
          event_code: text,
          sequence: whole,
          correlation_uid: text,
          tenant_uid: text,
          profiles: list({ const: 'security_control' }),
        },
        ['version', 'product'],
      ),
      finding_info: object(
        {
          uid: text,
          title: { type: 'string' },
          desc: { type: 'string' },
          first_seen_time: time,
          last_seen_time: time,
          analytic: object(
            { type_id: one(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 99), type: text, name: text, uid: text },
            ['type_id'],
            ['name', 'uid'],
          ),
          attacks: list(
            object(
              { tactic: named, technique: named, sub_technique: named, version: text },
              [],
              ['tactic', 'technique', 'sub_technique'],
            ),
          ),
        },
        ['uid'],
      ),
      anomaly_analyses: list(
        object(
          {
            analysis_targets: list(object({ name: text, type: text }, ['name'])),
            anomalies: list(observed),
            baselines: list(observed),
          },
          ['analysis_targets', 'anomalies'],
        ),
      ),
      evidences: list(
        object(
          {
            src_endpoint: object({
              ip: text,
              location: object({ country: text }),
              autonomous_system: object({ number: whole, name: text }, [], ['number', 'name']),
            }),
            http_request: object({ user_agent: { type: 'string' } }),
            user: named,
          },
          [],
          ['src_endpoint', 'user'],
        ),
      ),
      resources: list(object({ uid: text, name: text, type: text }, [], ['name', 'uid'])),
      observables: list(object({ name: text, type_id: whole, type: text, value: text }, ['name', 'type_id'])),
      unmapped: { type: 'object' },
    },
    ['activity_id', 'category_uid', 'class_uid', 'finding_info', 'metadata', 'severity_id', 'time', 'type_uid'],
  ),
};
