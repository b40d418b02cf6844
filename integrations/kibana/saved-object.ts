/**
 * Kibana's saved objects as its export writes them and its import (`POST /api/saved_objects/_import`) takes them: one
 * JSON object a line, and a summary as the last line. Every object names the version of its shape. Kibana brings older
 * shapes up to its own and refuses newer ones, so these are old ones: 8.19 and 9 read them alike.
 */
export interface Reference {
  readonly type: string;
  readonly id: string;
  readonly name: string;
}

export interface SavedObject {
  readonly type: 'index-pattern' | 'lens' | 'search' | 'dashboard';
  readonly id: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly references: readonly Reference[];
  readonly coreMigrationVersion: string;
  readonly typeMigrationVersion: string;
}

const shapeVersions: Readonly<Record<SavedObject['type'], string>> = {
  'index-pattern': '8.0.0',
  lens: '8.9.0',
  search: '8.0.0',
  dashboard: '8.9.0',
};

export const savedObject = (
  type: SavedObject['type'],
  id: string,
  attributes: SavedObject['attributes'],
  references: readonly Reference[] = [],
): SavedObject => ({
  type,
  id,
  attributes,
  references,
  coreMigrationVersion: '8.8.0',
  typeMigrationVersion: shapeVersions[type],
});

export const exportText = (objects: readonly SavedObject[]): string => {
  const summary = {
    excludedObjects: [],
    excludedObjectsCount: 0,
    exportedCount: objects.length,
    missingRefCount: 0,
    missingReferences: [],
  };
  return [...objects, summary].map((line) => `${JSON.stringify(line)}\n`).join('');
};

/** Of all panels; what the Elasticsearch output writes, in every namespace. */
export const dataView = savedObject('index-pattern', 'keywatch-alerts', {
  title: 'logs-keywatch.alert-*',
  name: 'keywatch alerts',
  timeFieldName: '@timestamp',
  allowNoIndex: true,
  fieldAttrs: '{}',
  fieldFormatMap: '{}',
  fields: '[]',
  runtimeFieldMap: '{}',
  sourceFilters: '[]',
  typeMeta: '{}',
});
