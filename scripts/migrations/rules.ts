import { parseSync } from 'libpg-query';

/** A statement that the version before may not survive. */
export interface Violation {
  line: number;
  what: string;
}

// biome-ignore lint/suspicious/noExplicitAny: the parser's tree has hundreds of node types
type Node = Record<string, any>;

/** What one migration file has made so far: old code knows none of it, so it may be changed freely. */
interface Made {
  tables: Set<string>;
  /** `schema.table.column` */
  columns: Set<string>;
}

/** Statements that only add. Every kind that is not listed here or judged below is a violation. */
const ADDS = new Set(['CreateSchemaStmt', 'CreateEnumStmt', 'CreateSeqStmt', 'CreateExtensionStmt', 'CommentStmt']);

/**
 * Judges a migration by an allow-list: old code, which knows nothing of it, must still read and write on the new schema.
 * `parseSync` needs `loadModule` of libpg-query first.
 * @returns one line for each statement that does more than add.
 */
export function findViolations(sql: string): Violation[] {
  const made: Made = { tables: new Set(), columns: new Set() };
  const { stmts = [] } = parseSync(sql) as { stmts?: { stmt: Node; stmt_location?: number }[] };
  return stmts.flatMap(({ stmt, stmt_location = 0 }) => {
    const [kind = '', node] = Object.entries(stmt)[0] ?? [];
    return judgeStatement(kind, node as Node, made).map((what) => ({ line: lineOf(sql, stmt_location), what }));
  });
}

function judgeStatement(kind: string, node: Node, made: Made): string[] {
  if (ADDS.has(kind)) return [];
  switch (kind) {
    case 'CreateStmt':
      made.tables.add(tableOf(node.relation));
      return [];
    case 'ViewStmt':
    case 'CreateFunctionStmt':
      return node.replace ? [`${kind} replaces what old code may use`] : [];
    case 'IndexStmt':
      if (!node.unique || made.tables.has(tableOf(node.relation))) return [];
      return [`unique index ${node.idxname} on ${tableOf(node.relation)}, which old code may violate`];
    case 'CreatePolicyStmt':
    case 'InsertStmt':
    case 'CreateTrigStmt':
      if (made.tables.has(tableOf(node.table ?? node.relation))) return [];
      return [`${kind} on ${tableOf(node.table ?? node.relation)}, which old code uses`];
    case 'UpdateStmt':
      return judgeUpdate(node, made);
    case 'AlterTableStmt':
      return (node.cmds as Node[]).flatMap((cmd) => judgeAlter(tableOf(node.relation), cmd.AlterTableCmd, made));
    case 'DoStmt':
      return ['a DO block cannot be judged'];
    default:
      return [`${kind} does more than add`];
  }
}

/** A backfill may fill what this migration added, and nothing that old code reads. */
function judgeUpdate(node: Node, made: Made): string[] {
  const table = tableOf(node.relation);
  if (made.tables.has(table)) return [];
  const names = (node.targetList as Node[]).map(({ ResTarget }) => ResTarget.name as string);
  const old = names.filter((name) => !made.columns.has(`${table}.${name}`));
  return old.length > 0 ? [`update of ${table}.${old.join(', ')}, which old code reads`] : [];
}

function judgeAlter(table: string, cmd: Node, made: Made): string[] {
  if (cmd.subtype === 'AT_AddColumn') {
    const column = cmd.def.ColumnDef as Node;
    made.columns.add(`${table}.${column.colname}`);
    return made.tables.has(table) ? [] : judgeColumn(table, column);
  }
  if (made.tables.has(table)) return [];
  if (cmd.subtype === 'AT_AddConstraint') return judgeConstraint(table, cmd.def.Constraint, made);
  if (cmd.subtype === 'AT_ColumnDefault' && cmd.def) return [];
  return [`${cmd.subtype} on ${table}${cmd.name ? `.${cmd.name}` : ''}`];
}

/** Old code inserts without the column: it must be nullable or have a default, which must not rewrite the table. */
function judgeColumn(table: string, column: Node): string[] {
  const name = `${table}.${column.colname}`;
  const constraints = ((column.constraints ?? []) as Node[]).map(({ Constraint }) => Constraint as Node);
  const kinds = constraints.map(({ contype }) => contype as string);
  const found: string[] = [];
  if (kinds.includes('CONSTR_NOTNULL') && !kinds.includes('CONSTR_DEFAULT'))
    found.push(`column ${name} is not null and has no default`);
  for (const { contype, raw_expr } of constraints) {
    if (contype === 'CONSTR_DEFAULT' && !isConstant(raw_expr))
      found.push(`the default of ${name} may rewrite the whole table`);
    if (['CONSTR_GENERATED', 'CONSTR_IDENTITY'].includes(contype)) found.push(`${name} rewrites the whole table`);
    if (['CONSTR_UNIQUE', 'CONSTR_PRIMARY'].includes(contype)) found.push(`${name} is unique in an existing table`);
  }
  return found;
}

/** Constants, casts of constants and now(): Postgres stores these once instead of in every row. */
function isConstant(expression: Node): boolean {
  if (expression.A_Const) return true;
  if (expression.TypeCast) return isConstant(expression.TypeCast.arg);
  if (expression.A_ArrayExpr) return ((expression.A_ArrayExpr.elements ?? []) as Node[]).every(isConstant);
  if (expression.SQLValueFunction) return true;
  return expression.FuncCall?.funcname.at(-1)?.String.sval === 'now';
}

/** A constraint is safe when it is about columns that old code leaves empty. */
function judgeConstraint(table: string, constraint: Node, made: Made): string[] {
  const columns = ((constraint.fk_attrs ?? []) as Node[]).map(({ String: text }) => text.sval as string);
  const isNew = columns.some((column) => made.columns.has(`${table}.${column}`));
  if (constraint.contype === 'CONSTR_FOREIGN' && isNew) return [];
  return [`constraint ${constraint.conname} on ${table}, which old code may violate`];
}

function tableOf(relation: Node): string {
  return [relation.schemaname, relation.relname].filter(Boolean).join('.');
}

/** The parser counts bytes, and a statement begins after the end of the one before. */
function lineOf(sql: string, byte: number): number {
  const bytes = Buffer.from(sql);
  const before = bytes.subarray(0, byte).toString();
  const blank = /^(\s|--[^\n]*(\n|$))*/.exec(bytes.subarray(byte).toString())?.[0] ?? '';
  return (before + blank).split('\n').length;
}
