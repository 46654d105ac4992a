import { request } from 'undici';
import type { Mesh } from '../infra/local/mesh.ts';
import { xlsxOf } from '../services/gateway/src/exports/xlsx.ts';
import { call, must, until } from '../tests/support/api.ts';
import { fileForm } from '../tests/support/form.ts';
import type { TestTenant } from '../tests/support/tenant.ts';
import type { Figure } from './report.ts';

const ROWS = 100_000;
const WANTED_S = 60;
const WANTED_MB = 250;
const HEADERS = ['Teléfono', 'Nombre', 'Apellido', 'Correo', 'Empresa', 'Ciudad', 'Etiquetas', 'Dirección', 'Cargo'];

interface Import {
  id: string;
  status: string;
  created: number;
  invalid: number;
}

/** One file of 100,000 contacts as CSV, one as XLSX, each of other people; then all as one file. */
export async function benchImports(mesh: Mesh, tenant: TestTenant, memoryOf: (pid: number) => number) {
  const figures: Figure[] = [];
  for (const [format, area] of [
    ['csv', 30],
    ['xlsx', 31],
  ] as const) {
    const content = format === 'csv' ? csvFile(area) : await xlsxFile(area);
    const watch = watchMemory(mesh, memoryOf);
    const began = performance.now();
    const done = await importFile(mesh.urls.gateway, tenant.crm, content, format);
    const seconds = (performance.now() - began) / 1000;
    const { before, peak } = watch.stop();
    figures.push({
      name: `import of ${ROWS.toLocaleString('en')} contacts, ${format}`,
      value: `${seconds.toFixed(1)} s, ${Math.round(ROWS / seconds)}/s; conversation ${before.toFixed(0)} to ${peak.toFixed(0)} MB`,
      ceiling: `${(content.length / 1e6).toFixed(1)} MB, ${done.created} made, ${done.invalid} refused`,
      wanted: `< ${WANTED_S} s, < ${WANTED_MB} MB`,
      reached: done.created === ROWS && seconds < WANTED_S && peak < WANTED_MB,
    });
  }
  figures.push(await benchExport(mesh, tenant, memoryOf));
  return figures;
}

async function importFile(gateway: string, token: string, content: Buffer, format: string): Promise<Import> {
  const form = fileForm({ name: `clientes.${format}`, type: 'text/csv', content });
  const { id } = await must(call<Import>(gateway, 'POST', '/v1/clients/import', { token, ...form }), 202);
  const ended = async () => {
    const one = await must(call<Import>(gateway, 'GET', `/v1/clients/imports/${id}`, { token }), 200);
    return ['done', 'failed'].includes(one.status) ? one : null;
  };
  return until('the import', ended, 300_000);
}

async function benchExport(mesh: Mesh, tenant: TestTenant, memoryOf: (pid: number) => number): Promise<Figure> {
  const watch = watchMemory(mesh, memoryOf, 'gateway');
  const began = performance.now();
  const answer = await request(`${mesh.urls.gateway}/v1/clients/export?format=xlsx`, {
    headers: { authorization: `Bearer ${tenant.crm}` },
    bodyTimeout: 300_000,
  });
  let bytes = 0;
  for await (const chunk of answer.body) bytes += (chunk as Buffer).length;
  const seconds = (performance.now() - began) / 1000;
  const { before, peak } = watch.stop();
  return {
    name: `export of ${(2 * ROWS).toLocaleString('en')} contacts, xlsx`,
    value: `${seconds.toFixed(1)} s; gateway ${before.toFixed(0)} to ${peak.toFixed(0)} MB`,
    ceiling: `${(bytes / 1e6).toFixed(1)} MB`,
    wanted: `< ${WANTED_S} s`,
    reached: answer.statusCode === 200 && seconds < WANTED_S,
  };
}

/** The most memory that a process has until `stop`. */
function watchMemory(
  { pids }: Mesh,
  memoryOf: (pid: number) => number,
  name: 'conversation' | 'gateway' = 'conversation',
) {
  const before = memoryOf(pids()[name]!);
  let peak = before;
  const timer = setInterval(() => {
    peak = Math.max(peak, memoryOf(pids()[name]!));
  }, 50);
  return {
    stop() {
      clearInterval(timer);
      return { before, peak };
    },
  };
}

const rowOf = (i: number, area: number): string[] => [
  `+573${area - 30}${String(10_000_000 + i).padStart(8, '0')}`,
  `Nombre ${i}`,
  `Apellido ${i * 7}`,
  `persona${i}-${area}@example.com`,
  `Empresa ${i % 1000}`,
  'Bogotá',
  i % 3 === 0 ? 'vip' : '',
  `Calle ${i} # 12-34`,
  'Gerente',
];

const csvFile = (area: number): Buffer =>
  Buffer.from(
    [HEADERS, ...Array.from({ length: ROWS }, (_, i) => rowOf(i, area))].map((row) => row.join(';')).join('\n'),
  );

async function xlsxFile(area: number): Promise<Buffer> {
  async function* rows() {
    for (let i = 0; i < ROWS; i++) yield rowOf(i, area);
  }
  const chunks: Buffer[] = [];
  for await (const chunk of xlsxOf(HEADERS, rows(), console)) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
