import { CUSTOM_FIELD, FIELD_CODES, type FieldError, IMPORT_FIELDS, type ImportField } from '@recado/contracts';
import { ValidationFailed } from '@recado/service-kit';

/** What columns are called in Spanish, Portuguese and English, without accents, case and signs. */
const NAMES: Record<ImportField, string> = {
  phone:
    'phone telefono telefone celular movil whatsapp numero fone tel mobile cellphone cell phonenumber mobilephone numerodetelefono numerodewhatsapp numerotelefono numerocelular telefonocelular telefonomovil numerodetelefone numerodecelular',
  name: 'name nombrecompleto nomecompleto fullname nombreyapellido nombreyapellidos nombresyapellidos nomeesobrenome cliente contactname nombredelcliente nomedocliente displayname',
  firstName: 'firstname nombre nombres nome primernombre primeironome givenname',
  lastName: 'lastname apellido apellidos sobrenome surname familyname apellidopaterno ultimonome',
  email: 'email correo correoelectronico mail emailaddress direcciondecorreo emaildocliente correos',
  company: 'company empresa compania organizacion organizacao organization razonsocial razaosocial companhia negocio',
  city: 'city ciudad cidade localidad municipio localidade',
  country: 'country pais',
  address: 'address direccion endereco domicilio streetaddress',
  tags: 'tags tag etiquetas etiqueta labels label marcadores marcador',
  notes: 'notes notas nota note observaciones observacoes comentarios comentario observacion comments',
  leadStatus: 'leadstatus estadodellead estadolead statusdolead statuslead etapadelead',
  leadScore: 'leadscore puntajedellead puntajelead pontuacaodolead',
  ltv: 'ltv valordevida lifetimevalue valortotal totalgastado totalcomprado totalgasto',
  totalPurchases: 'totalpurchases compras totalcompras totaldecompras purchases pedidos numerodecompras orders',
  lastPurchaseAt:
    'lastpurchaseat ultimacompra lastpurchase fechaultimacompra lastpurchasedate datadaultimacompra fechadeultimacompra',
  segment: 'segment segmento segmentacion',
  optIn: 'optin aceptamarketing aceitamarketing',
};
const FIELD_OF = new Map(
  IMPORT_FIELDS.flatMap((field) => NAMES[field].split(' ').map((name): [string, ImportField] => [name, field])),
);

/** Columns of a file that tell what the platform knows itself: an exported file has them. */
const OWN = new Set(['id', 'createdat', 'updatedat', 'fechadecreacion']);

const keyOf = (header: string): string =>
  header
    .normalize('NFD')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');

/** Headers that mean a first name only beside a last name. */
const EITHER_NAME = new Set(['nombre', 'nombres', 'nome']);

/** What each column fills: a field by its name, else one of the tenant's own by the header. */
export function guessMapping(headers: readonly string[]): (string | null)[] {
  const keys = headers.map(keyOf);
  const hasLastName = keys.some((key) => FIELD_OF.get(key) === 'lastName');
  const taken = new Set<string>();
  return headers.map((header, i) => {
    const key = keys[i]!;
    if (key === '' || OWN.has(key)) return null;
    const named = EITHER_NAME.has(key) && !hasLastName ? 'name' : FIELD_OF.get(key);
    // Of two columns for one field the first counts; the other is kept under its own name.
    const field = named && !taken.has(named) ? named : customField(header);
    if (field === null || taken.has(field)) return null;
    taken.add(field);
    return field;
  });
}

const MAX_KEY = 60;
const customField = (header: string): string | null =>
  header.length <= MAX_KEY && header !== '__proto__' ? CUSTOM_FIELD + header : null;

/**
 * The mapping with what a person said of columns, by their headers.
 * @throws ValidationFailed naming each header that is missing and each field that is none; and
 *   `mapping` when no column holds phones
 */
export function readMapping(
  headers: readonly string[],
  given: Readonly<Record<string, string | null>> = {},
): (string | null)[] {
  const errors: FieldError[] = [];
  const wrong = (code: 'import_column' | 'import_field' | 'import_phone' | 'duplicate', said?: string) =>
    errors.push({
      field: 'mapping',
      code,
      message: FIELD_CODES[code],
      ...(said !== undefined && { params: { said } }),
    });
  const mapping = guessMapping(headers);
  const chosen = new Set<string>();
  for (const [header, field] of Object.entries(given)) {
    const column = headers.indexOf(header);
    if (column < 0) wrong('import_column', header);
    else if (field !== null && !isField(field)) wrong('import_field', field);
    else if (field !== null && chosen.has(field)) wrong('duplicate', field);
    else {
      // A column that was found by its name gives way.
      for (let i = 0; i < mapping.length; i++) if (mapping[i] === field && field !== null) mapping[i] = null;
      mapping[column] = field;
      if (field !== null) chosen.add(field);
    }
  }
  if (errors.length === 0 && !mapping.includes('phone')) wrong('import_phone');
  if (errors.length > 0) throw new ValidationFailed(errors);
  return mapping;
}

function isField(field: string): boolean {
  if (!field.startsWith(CUSTOM_FIELD)) return (IMPORT_FIELDS as readonly string[]).includes(field);
  const key = field.slice(CUSTOM_FIELD.length);
  return key !== '' && key.length <= MAX_KEY && key !== '__proto__';
}
