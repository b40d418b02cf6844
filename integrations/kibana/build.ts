import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dashboardObjects } from './dashboard';
import { ruleExportText } from './detection-rule';
import { exportText } from './saved-object';

/** `npm run kibana`: brings the two files for Kibana's import up to date; a test fails while they are not. */
writeFileSync(join(__dirname, 'keywatch.ndjson'), exportText(dashboardObjects));
writeFileSync(join(__dirname, 'detection-rule.ndjson'), ruleExportText());
