type Schema = Record<string, unknown>;

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A value that fits a JSON schema, the same every time; texts are the user's words. */
export function sampleOf(schema: Schema, words: string, depth = 0): unknown {
  if (depth > 20) return null;
  if ('const' in schema) return schema.const;
  if (Array.isArray(schema.enum)) return schema.enum[0];
  if ('default' in schema) return schema.default;
  const branch = [schema.anyOf, schema.oneOf].find(Array.isArray)?.find(isSchema);
  if (branch) return sampleOf(branch, words, depth + 1);
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  switch (type) {
    case 'string':
      return words.slice(0, typeof schema.maxLength === 'number' ? schema.maxLength : 200);
    case 'integer':
    case 'number':
      return typeof schema.minimum === 'number' ? schema.minimum : 1;
    case 'boolean':
      return true;
    case 'null':
      return null;
    case 'array':
      return isSchema(schema.items) ? [sampleOf(schema.items, words, depth + 1)] : [];
    default: {
      const properties = isSchema(schema.properties) ? Object.entries(schema.properties) : [];
      return Object.fromEntries(
        properties.map(([name, value]) => [name, isSchema(value) ? sampleOf(value, words, depth + 1) : null]),
      );
    }
  }
}
