/**
 * The part of two public catalogues that evidence about an API key can point to. Ids, names and tactics as in MITRE
 * ATT&CK (Enterprise) v18; v19 renamed and moved none of these. Of a technique's tactics one is named, and never Defense
 * Evasion (TA0005), which v19 dissolved into Stealth and Defense Impairment.
 */
export const ATTACK_VERSION = '18';

export interface Tactic {
  readonly id: string;
  readonly name: string;
}

/** `parent`: the technique of which this is a sub-technique. */
export interface Technique {
  readonly id: string;
  readonly name: string;
  readonly tactic: Tactic;
  readonly parent?: { readonly id: string; readonly name: string } | undefined;
}

const initialAccess: Tactic = { id: 'TA0001', name: 'Initial Access' };
const credentialAccess: Tactic = { id: 'TA0006', name: 'Credential Access' };
const discovery: Tactic = { id: 'TA0007', name: 'Discovery' };
const lateralMovement: Tactic = { id: 'TA0008', name: 'Lateral Movement' };
const collection: Tactic = { id: 'TA0009', name: 'Collection' };
const exfiltration: Tactic = { id: 'TA0010', name: 'Exfiltration' };
const commandAndControl: Tactic = { id: 'TA0011', name: 'Command and Control' };
const impact: Tactic = { id: 'TA0040', name: 'Impact' };
const reconnaissance: Tactic = { id: 'TA0043', name: 'Reconnaissance' };

const validAccounts = { id: 'T1078', name: 'Valid Accounts' };
const alternateMaterial = { id: 'T1550', name: 'Use Alternate Authentication Material' };
const bruteForce = { id: 'T1110', name: 'Brute Force' };
const hijacking = { id: 'T1496', name: 'Resource Hijacking' };
const endpointDenial = { id: 'T1499', name: 'Endpoint Denial of Service' };
const activeScanning = { id: 'T1595', name: 'Active Scanning' };
const proxy = { id: 'T1090', name: 'Proxy' };

export const techniques: readonly Technique[] = [
  { ...validAccounts, tactic: initialAccess },
  { id: 'T1078.004', name: 'Cloud Accounts', tactic: initialAccess, parent: validAccounts },
  { ...alternateMaterial, tactic: lateralMovement },
  { id: 'T1550.001', name: 'Application Access Token', tactic: lateralMovement, parent: alternateMaterial },
  { id: 'T1528', name: 'Steal Application Access Token', tactic: credentialAccess },
  { id: 'T1552', name: 'Unsecured Credentials', tactic: credentialAccess },
  { ...bruteForce, tactic: credentialAccess },
  { id: 'T1110.003', name: 'Password Spraying', tactic: credentialAccess, parent: bruteForce },
  { id: 'T1110.004', name: 'Credential Stuffing', tactic: credentialAccess, parent: bruteForce },
  { id: 'T1526', name: 'Cloud Service Discovery', tactic: discovery },
  { id: 'T1580', name: 'Cloud Infrastructure Discovery', tactic: discovery },
  { id: 'T1119', name: 'Automated Collection', tactic: collection },
  { id: 'T1213', name: 'Data from Information Repositories', tactic: collection },
  { id: 'T1530', name: 'Data from Cloud Storage', tactic: collection },
  { id: 'T1020', name: 'Automated Exfiltration', tactic: exfiltration },
  { id: 'T1567', name: 'Exfiltration Over Web Service', tactic: exfiltration },
  { id: 'T1090.003', name: 'Multi-hop Proxy', tactic: commandAndControl, parent: proxy },
  { id: 'T1485', name: 'Data Destruction', tactic: impact },
  { ...hijacking, tactic: impact },
  { id: 'T1496.004', name: 'Cloud Service Hijacking', tactic: impact, parent: hijacking },
  { id: 'T1499.003', name: 'Application Exhaustion Flood', tactic: impact, parent: endpointDenial },
  { id: 'T1595.003', name: 'Wordlist Scanning', tactic: reconnaissance, parent: activeScanning },
];

/** OWASP API Security Top 10, edition 2023. */
export const owaspRisks: Readonly<Record<string, string>> = {
  'API1:2023': 'Broken Object Level Authorization',
  'API2:2023': 'Broken Authentication',
  'API3:2023': 'Broken Object Property Level Authorization',
  'API4:2023': 'Unrestricted Resource Consumption',
  'API5:2023': 'Broken Function Level Authorization',
  'API6:2023': 'Unrestricted Access to Sensitive Business Flows',
  'API7:2023': 'Server Side Request Forgery',
  'API8:2023': 'Security Misconfiguration',
  'API9:2023': 'Improper Inventory Management',
  'API10:2023': 'Unsafe Consumption of APIs',
};

/** Whether an id names something of these catalogues. */
export const isKnownTag = (id: string): boolean =>
  Object.hasOwn(owaspRisks, id) || techniques.some((technique) => technique.id === id);
