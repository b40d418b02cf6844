import { severityNames, severityOfName } from '../../src/domain/alert';

const attack = (path: string) => `https://attack.mitre.org/${path}/`;

/**
 * One rule of Elastic Security that makes an alert of every document which keywatch calls one, with keywatch's own
 * severity, risk and title; as Kibana's rule export writes it. It does for keywatch's data stream alone what the prebuilt
 * rule External Alerts does for all: only one of the two should be on.
 */
export const detectionRule = {
  rule_id: '21d4c253-4d78-44e4-be23-7da9dc544154',
  name: 'API key used by somebody else (keywatch)',
  description:
    'Raises every alert of keywatch: an API key is used as its owner does not use it. Updates, closings and notices of keywatch are no alerts and are not raised.',
  type: 'query',
  language: 'kuery',
  index: ['logs-keywatch.alert-*'],
  query: 'event.kind : "alert" and event.module : "keywatch"',
  filters: [],
  enabled: false,
  interval: '1m',
  from: 'now-2m',
  to: 'now',
  max_signals: 1_000,
  timestamp_override: 'event.ingested',
  timestamp_override_fallback_disabled: false,
  rule_name_override: 'message',
  severity: 'medium',
  severity_mapping: severityNames.map((severity) => ({
    field: 'event.severity',
    operator: 'equals',
    value: String(severityOfName[severity]),
    severity,
  })),
  risk_score: 47,
  risk_score_mapping: [{ field: 'event.risk_score', operator: 'equals', value: '' }],
  threat: [
    {
      framework: 'MITRE ATT&CK',
      tactic: { id: 'TA0001', name: 'Initial Access', reference: attack('tactics/TA0001') },
      technique: [
        {
          id: 'T1078',
          name: 'Valid Accounts',
          reference: attack('techniques/T1078'),
          subtechnique: [{ id: 'T1078.004', name: 'Cloud Accounts', reference: attack('techniques/T1078/004') }],
        },
      ],
    },
    {
      framework: 'MITRE ATT&CK',
      tactic: { id: 'TA0008', name: 'Lateral Movement', reference: attack('tactics/TA0008') },
      technique: [
        {
          id: 'T1550',
          name: 'Use Alternate Authentication Material',
          reference: attack('techniques/T1550'),
          subtechnique: [
            { id: 'T1550.001', name: 'Application Access Token', reference: attack('techniques/T1550/001') },
          ],
        },
      ],
    },
  ],
  timeline_id: '3e827bab-838a-469f-bd1e-5e19a2bff2fd',
  timeline_title: 'Alerts Involving a Single User Timeline',
  investigation_fields: {
    field_names: [
      'event.reason',
      'user.name',
      'user.id',
      'organization.id',
      'source.ip',
      'source.geo.country_iso_code',
      'user_agent.original',
      'keywatch.evidence.detector',
      'keywatch.evidence.saw',
      'keywatch.evidence.expected',
      'keywatch.action',
      'keywatch.owasp',
    ],
  },
  required_fields: [
    { name: 'event.kind', type: 'keyword', ecs: true },
    { name: 'event.module', type: 'keyword', ecs: true },
  ],
  related_integrations: [],
  tags: ['Data Source: keywatch', 'Use Case: Identity and Access Audit', 'Tactic: Initial Access'],
  false_positives: ['The owner of the key moved it to another place or client without telling anybody.'],
  note: [
    '## Triage and analysis',
    '',
    '1. `event.reason` says what was seen and what is usual for this key; `keywatch.evidence` has every piece.',
    '2. `source.ip` and `related.ip`: who else uses them? Other keys from the same address point to a theft of several.',
    '3. Ask the owner of the key (`user.name`, `organization.id`) whether the use is theirs.',
    '4. `keywatch.action: suspend` was asked for; whether it was done is said by the notices of the same key (`related.user`).',
  ].join('\n'),
  setup:
    'Needs the data stream that keywatch writes with its Elasticsearch output. Turn the prebuilt rule External Alerts off for it, or leave this one off: both raise the same documents.',
  references: [],
  author: ['keywatch'],
  license: '',
  output_index: '',
  version: 1,
  revision: 0,
  immutable: false,
  rule_source: { type: 'internal' },
  exceptions_list: [],
  actions: [],
} as const;

/** The rule and the summary that ends an export. */
export const ruleExportText = (): string => {
  const summary = {
    exported_count: 1,
    exported_rules_count: 1,
    missing_rules: [],
    missing_rules_count: 0,
    exported_exception_list_count: 0,
    exported_exception_list_item_count: 0,
    missing_exception_list_item_count: 0,
    missing_exception_list_items: [],
    missing_exception_lists: [],
    missing_exception_lists_count: 0,
    exported_action_connector_count: 0,
    missing_action_connection_count: 0,
    missing_action_connections: [],
    excluded_action_connection_count: 0,
    excluded_action_connections: [],
  };
  return [detectionRule, summary].map((line) => `${JSON.stringify(line)}\n`).join('');
};
