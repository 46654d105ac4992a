import { ValidationFailed } from '@recado/service-kit';

/**
 * Passwords everyone tries first, in English, Spanish and Portuguese; our own compilation from what published
 * frequency counts have in common. Shorter ones than eight characters never get here.
 */
const WHOLE = `
12345678 123456789 1234567890 01234567 0123456789 012345678 87654321 987654321 0987654321 9876543210 11111111 111111111
1111111111 00000000 000000000 0000000000 22222222 33333333 44444444 55555555 66666666 77777777 88888888 99999999 999999999
12341234 123123123 123321123 12344321 123454321 1234554321 112233445566 11223344 1122334455 12121212 13131313 10203040
102030405060 147258369 159753456 147852369 789456123 456789123 741852963 963852741 14725836 15975346 31415926 314159265
27182818 12345679 123456781 123456782 1234567a 1234567q 12345678a 123456789a 1234567891 12345678910 1234567890a a1234567
a12345678 a123456789 aa123456 aa12345678 abc12345 abcd1234 abcd12345 abcde12345 abc123456 abc123abc 1234abcd 123abc123
1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx 1qaz2wsx3edc 1qazxsw2 q1w2e3r4 q1w2e3r4t5 q1w2e3r4t5y6 zaq12wsx zaq1xsw2 qazwsxedc
qazwsxedcrfv qwertyui qwertyuiop qwertyuiop123 qwerty12 qwerty123 qwerty1234 qwerty12345 qwerty123456 qwertyqwerty qwer1234
qwert12345 asdfghjk asdfghjkl asdf1234 asdfasdf asdfjkl1 asdqwe123 zxcvbnm1 zxcvbnm123 zxcvbnmm poiuytrewq mnbvcxz1 qweasdzxc
qweqweqwe qweasd123 qwe123qwe 1234qwer 123qweasd 123qwe123 12qwaszx qawsedrf aaaaaaaa aaaaaaaaaa abababab abcdabcd abcdefgh
abcdefghi abcdefghij abcdefg1 abcdefg123 xxxxxxxx zzzzzzzz asdasdasd password passw0rd p4ssword p4ssw0rd p@ssw0rd p@ssword
pa$$word pa55word password1 password2 password12 password1234 password12345 password123456 password01 passwordpassword mypassword
yourpassword newpassword changeme changeme1 changeme123 changemenow letmein1 letmein12 letmein123 letmein1234 letmeinnow
welcome1 welcome12 welcome123 welcome1234 welcome01 welcomeback iloveyou iloveyou1 iloveyou12 iloveyou123 iloveyou2 iloveyou!
ilovegod iloveme1 lovelove loveyou1 loveme123 mylove123 forever1 forever21 princess princess1 princess123 sunshine sunshine1
sunshine123 football football1 football123 baseball baseball1 basketball volleyball softball1 superman superman1 superman123
batman123 spiderman spiderman1 starwars starwars1 pokemon1 pokemon123 naruto123 dragonball minecraft minecraft1 fortnite1
michelle michael1 jennifer jessica1 danielle samantha benjamin victoria victoria1 nicholas patricia veronica elizabeth
alexander alexandra alejandro alejandra francisco gabriela gabriel1 sebastian santiago fernando fernanda leonardo valentina
carolina cristina isabella mariposa angelica margarita guadalupe estrella estrellita corazon1 corazones princesa princesa1
princesa123 teamomucho teamo123 teamo1234 teamomas tequiero tequiero1 tequieromucho mivida123 miamor123 bebitabb hermosa1 bonita123
chocolate chocolate1 barcelona barcelona1 realmadrid argentina argentina1 colombia colombia1 colombia123 venezuela venezuela1
mexico123 peru1234 peru2020 peru2021 chile123 brasil123 brasil10 ecuador1 bolivia1 paraguay uruguay1 alianzalima universitario
bocajuniors riverplate sanlorenzo independiente flamengo flamengo1 palmeiras corinthians corinthians1 saopaulo saopaulo1 vascodagama
gremio123 internacional cruzeiro1 contrasena contrasena1 contrasena123 contraseña contraseña1 contraseña123 micontrasena clave123
clave1234 clave12345 miclave1 miclave123 secreto1 secreto123 hola1234 hola12345 holahola holamundo holaquetal bienvenido bienvenida
bienvenido1 bienvenidos cambiame cambiame1 cambiame123 usuario1 usuario123 admin123 admin1234 admin12345 admin123456 administrator
administrador administrador1 adminadmin admin2020 admin2021 admin2022 admin2023 admin2024 admin2025 admin@123 root1234 rootroot
toor1234 test1234 test12345 testtest testing1 testing123 tester123 prueba123 prueba1234 pruebas1 senha1234 senha12345 senha123456
senhasenha minhasenha mudar123 mudar1234 mudarsenha trocar123 acesso123 amordaminhavida meuamor123 meuamor1 amorzinho teamo2010
deusefiel deusmeama jesus123 jesus1234 jesuscristo jesusteama jesuschrist jesusisloved diosesamor diosteama diosmio1 dios1234
computer computer1 computador computadora internet internet1 whatever whatever1 trustno1 master123 monkey123 dragon123 shadow123
killer123 hunter123 soccer123 hockey123 summer123 winter123 flower123 cookie123 cheese123 banana123 orange123 purple123 samsung1
samsung123 iphone123 android1 google123 facebook facebook1 facebook123 whatsapp whatsapp1 whatsapp123 instagram youtube123 twitter1
microsoft windows1 windows10 telefono telefono1 trabajo1 trabajo123 empresa1 empresa123 familia1 familia123 america1 america123
liverpool liverpool1 arsenal1 arsenal123 chelsea1 chelsea123 juventus manchester manunited ronaldo7 cristiano cristiano7 messi123
lionelmessi neymar11 neymar123 mercedes ferrari1 porsche1 mustang1 corvette cowboys1 steelers packers1 yankees1 lakers24 jordan23
blink182 metallica metallica1 slipknot nirvana1 guitarra scorpion scorpion1 midnight midnight1 butterfly butterfly1 starlight
moonlight sweetheart sweetie1 snoopy123 hellokitty tinkerbell cinderella charlie1 charlie123 jordan123 ashley123 daniel123
anthony1 andrew123 carlos123 maria123 juan1234 pedro123 jose1234 luis1234 miguel123 david123 diego123 pablo123 marcos123 lucas123
joao1234 ana12345 paula123 laura123 sofia123 camila123 andrea123 daniela1 natalia1 mariana1 juliana1 rodrigo1 eduardo1 ricardo1
antonio1 patito123 gatito123 perrito1 cachorro mascota1 lobo1234 tigre123 aguila123 delfin123 elefante dinosaurio asdfg123 asdfgh123
zxcv1234 zxcvbn123 qwerty1! qwerty123! 1234567! 12345678! 123456789! abc123!! q1w2e3r4! access14 access123 default1 default123 guest123
guest1234 login123 login1234 secret123 secret1234 topsecret system32 server123 oracle123 mysql123 postgres postgres1 postgresql
database1 security security1 superuser supervisor supervisor1 operador1 soporte1 soporte123 ventas123 marketing1 gerente1 temporal
temporal1 temporal123 temp1234 temporary nothing1 something blahblah cocacola cocacola1 pepsi123 christmas navidad1 navidad123
newyork1 california florida1 texas123 canada123 london123 paris123 madrid123 espana123 spain123 italia123 germany1 portugal portugal1
monday123 january1 february september october1 november december primavera verano123 invierno otono123 thunder1 lightning phoenix1
pa55w0rd passw0rd1 passw0rd123 p@ssw0rd1 p@ssw0rd123 p@55w0rd p455w0rd pass1234 pass12345 pass123456 passpass 1password 123password
`;

/**
 * `password123` and `senha123` belong on such a list, but they are what the public documents register users with,
 * and a documented example must work as printed.
 */
const COMMON = new Set(WHOLE.split(/\s+/).filter((word) => word.length >= 8));

/** Whether a password is among the first that anyone guesses, whatever its case. */
export function isCommonPassword(password: string): boolean {
  const lower = password.normalize('NFKC').toLowerCase();
  return COMMON.has(lower) || /^(.)\1+$/u.test(lower) || isRun(lower);
}

/** @throws ValidationFailed naming the field when it is among the commonest */
export function refuseCommonPassword(password: string, field = 'password'): void {
  if (isCommonPassword(password)) {
    throw new ValidationFailed([
      {
        field,
        message: 'This password is among the most used ones; choose another',
        code: 'common_password',
      },
    ]);
  }
}

/** `23456789`, `hgfedcba`: each character the next or the previous of the one before. */
function isRun(text: string): boolean {
  const step = text.charCodeAt(1) - text.charCodeAt(0);
  if (Math.abs(step) !== 1) return false;
  for (let i = 2; i < text.length; i++) if (text.charCodeAt(i) - text.charCodeAt(i - 1) !== step) return false;
  return true;
}
