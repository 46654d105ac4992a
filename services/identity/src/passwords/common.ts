import { ValidationFailed } from '@recado/service-kit';

const set = (list: string): ReadonlySet<string> => new Set(list.split(/\s+/).filter(Boolean));

/**
 * The first passwords of attackers in English, Spanish and Portuguese, compiled from published
 * frequency counts. Shorter ones than eight characters are refused before.
 */
const WHOLE = set(`
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
`);

/**
 * What people make passwords of in the three languages: names, love, pets, teams, places, brands,
 * curses, roles. Ours too.
 */
const WORDS = set(`
recado password passwort passwords passwd passord parola contrasena contraseña clave senha segredo secreto secret letmein
welcome welkom bienvenido bienvenida bemvindo hello hola holahola buenosdias admin administrator administrador root
toor user usuario usuaria guest invitado test teste tester testing prueba pruebas demo default temporal temp changeme
cambiame login acceso acesso access master maestro mestre super superuser system sistema server servidor soporte
suporte support ventas vendas oficina office empresa company negocio trabajo trabalho internet network computer
computador computadora ordenador laptop windows microsoft google facebook whatsapp instagram youtube twitter tiktok
gmail hotmail yahoo android iphone samsung nokia motorola xiaomi huawei apple dell compaq gateway toshiba lenovo
oracle mysql postgres linux ubuntu qwerty qwert qwertz azerty asdf asdfg asdfgh asdfghjk zxcv zxcvb zxcvbn zxcvbnm
qazwsx qaz wsx abc abcd abcde abcdef abcdefg abc123 aaaaaa iloveyou iloveu ilove loveme loveyou love lover lovers
lovely mylove truelove babygirl babyboy baby bebe bebita sweety sweetie sweetheart honey darling angel angels angelo
angelito angelita princess princesa principe prince queen reina rainha king rey kingkong bonita bonito hermosa hermoso
linda lindo gatinha gatinho gatita gatito amor amorcito amores amormio miamor meuamor meuamorzinho teamo tequiero
tequieromucho teadoro mivida vida vidaloca corazon coracao corazoncito estrella estrela luna solecito cielo ceu
mariposa borboleta butterfly flower flor flores rosa rosita rose violeta violet sunshine sunflower rainbow arcoiris
moonlight starlight midnight summer verano verao winter invierno inverno spring primavera autumn otono outono january
february march april may june july august september october november december enero febrero marzo abril mayo junio
julio agosto septiembre octubre noviembre diciembre janeiro fevereiro setembro outubro novembro dezembro monday
tuesday wednesday thursday friday saturday sunday lunes martes miercoles jueves viernes sabado domingo dragon dragons
dragonball monkey monkeys tiger tigers tigre tigger lion lions leon leao wolf lobo wolves bear bears oso panda koala
eagle eagles aguila aguia falcon hawk shark tiburon tubarao dolphin dolphins delfin golfinho whale ballena horse
caballo cavalo horses cat cats gato gata kitty kitten dog dogs doggie perro perrito cachorro cachorrinho puppy bulldog
bulldogs poodle rabbit bunny conejo coelho mouse raton turtle tortuga tartaruga snake cobra viper serpiente panther
pantera puma jaguar cougar elephant elefante chicken pollo cow vaca toro bull buffalo duck pato patito penguin
pinguino rooster scorpion spider arana bluebird goldfish aardvark thunder trueno relampago lightning storm tormenta
fire fuego fogo fireball firebird fireman ice iceman icecream snow snowball snoopy garfield scooby scoobydoo mickey
minnie pluto goofy donald daffy bambi dumbo tweety pooh poohbear winnie barbie cinderella tinkerbell pokemon pikachu
naruto sasuke goku vegeta saiyajin onepiece digimon mario luigi sonic zelda minecraft fortnite freefire roblox
callofduty counterstrike warcraft starcraft diablo halo matrix starwars skywalker vader yoda startrek stargate
superman batman spiderman ironman hulk wolverine joker robin avengers marvel deadpool captain america capitan
transformers godzilla terminator rambo rocky gandalf frodo hobbit merlin harry harrypotter hermione hogwarts sherlock
simpsons homer bart shadow shadows sombra ghost fantasma demon demonio devil diablita diabla satan lucifer hell
inferno vampire vampiro zombie monster monstruo killer assassin sniper hunter ranger warrior warriors guerrero
guerreiro soldier soldado army marine marines navy pirate pirata ninja samurai knight caballero wizard mago magic
magico football futbol futebol soccer baseball beisbol basketball baloncesto volleyball softball hockey tennis tenis
golf golfer rugby cricket boxing swimming surfer surfing skater skate skateboard snowboard lacrosse runner champion
campeon campeao winner ganador barcelona barca realmadrid madrid atletico sevilla valencia betis boca bocajuniors
river riverplate racing independiente sanlorenzo huracan velez estudiantes alianzalima alianza universitario cristal
sportingcristal colocolo nacional millonarios cruzazul chivas tigres pumas monterrey toluca pachuca flamengo
corinthians palmeiras saopaulo santos gremio internacional cruzeiro vasco vascodagama botafogo fluminense bahia sport
recife ceara fortaleza goias benfica porto sporting arsenal chelsea liverpool manchester manutd united everton
tottenham newcastle celtic rangers juventus milan inter roma napoli bayern yankees redsox cubs dodgers giants cowboys
steelers packers raiders broncos patriots redskins vikings saints lakers celtics bulls heat knicks spurs pistons messi
ronaldo neymar cristiano maradona pele ronaldinho beckham zidane jordan kobe lebron michael michelle michele miguel
mike mikey matthew mateo matheus mathew mark marcos marcus maria mariana marina marta martha martin martinez mary
melissa mercedes monica morgan nancy natalia natalie nathan nicholas nicolas nicole noah oliver oscar pablo pamela
patricia patrick paul paula paulo pedro peter philip rafael ramon raul rebeca rebecca renata ricardo richard robert
roberto rodrigo roger ronald rosario ruben ruth ryan samantha samuel sandra santiago sara sarah scott sebastian sergio
sharon silvia simon sofia sophia sophie stephanie stephen steven susan susana taylor teresa thiago thomas tiago tomas
tyler valentina valentin valeria vanessa veronica victor victoria vincent virginia viviana walter wendy william wilson
xavier yolanda zachary adriana adrian agustin alan alberto aldo alejandra alejandro alex alexa alexandra alexander
alexandre alexis alfredo alicia alison allison amanda amber amelia amy ana anabel andrea andres andrew andrei angela
angelica angelina anita anna anthony antonella antonia antonio ariana arthur arturo ashley augusto austin barbara
beatriz benjamin bernardo bianca brandon brenda brian bruno bryan camila camilo carla carlos carmen carol carolina
caroline catalina catherine cecilia cesar charles charlie charlotte christian christina christine christopher cindy
claudia claudio clara cristian cristina cynthia daniel daniela daniele danielle danny dario david debora deborah
denise dennis diana diego dominic dylan edgar edison eduardo edward elena elisa elizabeth ellen emanuel emilia emilio
emily emma enrique eric erica erick ernesto esteban esther eugenia eva evelyn fabian fabiana fabio fabricio federico
felipe fernanda fernando florencia francesca francisca francisco franco frank gabriel gabriela gabriele george gerardo
gilberto gisela gloria gonzalo gracia graciela gregory guadalupe guillermo gustavo hannah heather hector helena
henrique henry hugo ignacio ines irene isabel isabela isabella ivan jack jackson jacob jacqueline jaime james jamie
janet jason javier jennifer jeremy jessica jesus joanna joaquin joel john johnny jonathan jorge jose joseph joshua
juan juana juancarlos julia julian juliana julieta justin karen karina karla katherine kathleen keith kelly kenneth
kevin kimberly kristen larissa laura lauren leandro leonardo leonel leslie leticia lidia liliana lisa lorena lorenzo
louis luana lucas lucia luciana luciano lucy luis luisa luiz luz madison magdalena manuel manuela marcela marcelo
marco margaret margarita jesucristo jesuscristo jesusteama jesuschrist cristo dios diosesamor diosteama deus deusefiel
deusmeama senhor virgen virgencita guadalupana santa espiritu milagro milagros esperanza esperanca bendicion benção fe
paz peace freedom libertad liberdade justice justicia verdad truth family familia familiafeliz mother madre mama mami
mamita mamae father padre papa papi papito papai sister hermana irma brother hermano irmao abuela abuelo hijo hija
filho filha filhos amigos amigas amigo amiga friend friends bestfriend forever siempre parasempre eternity always
whatever something nothing nada todo everything anything someone nobody nadie chocolate cookie cookies candy caramelo
sugar azucar banana orange naranja laranja manzana strawberry fresa morango cherry cereza lemon limon limao mango coco
pineapple peanut pepper pimienta cheese queso queijo pizza burger hamburguesa taco tacos arepa empanada churrasco
cerveja cerveza beer vodka whiskey tequila coffee cafe cafecito milk leche leite coca cocacola pepsi fanta sprite
redbull marlboro camel purple yellow amarillo amarelo green verde blue azul red rojo vermelho black negro preto white
blanco branco silver plata prata gold golden oro ouro diamond diamante pearl perla ruby crystal rainbow6 mustang
ferrari porsche corvette camaro chevrolet chevy ford toyota honda nissan mazda yamaha suzuki kawasaki harley davidson
audi bmw volkswagen lamborghini nascar motorcycle brasil brazil argentina chile peru colombia venezuela ecuador
bolivia paraguay uruguay mexico panama cuba honduras guatemala nicaragua salvador costarica dominicana puertorico
espana portugal italia france francia alemania germany england inglaterra london londres paris newyork chicago boston
dallas denver houston phoenix florida texas california colorado miami lima bogota medellin cali quito guayaquil
caracas buenosaires cordoba mendoza montevideo asuncion lapaz guadalajara tijuana lisboa brasilia curitiba thailand
japan canada australia brooklyn portland atlantis paradise paraiso music musica guitar guitarra piano drums drummer
rock rockstar rocknroll metal metallica slipknot nirvana acdc ironmaiden linkinpark greenday blink182 eminem rihanna
shakira rbd rebelde beatles pinkfloyd reggaeton bachata salsa samba cumbia rap hiphop techno disco dance bailar dancer
singer teatro cinema movie money dinero dinheiro dollar dolares rich millionaire millonario casino poker blackjack
lucky suerte sorte fortuna player playboy playstation xbox nintendo gamer games juegos lol dota valorant secreta
private privado bigdog bigdaddy bigboy badboy badgirl goodboy loverboy cowboy cowgirl gangster mafia thug legend
leyenda lenda hero heroe heroi genius genio einstein newton napoleon caesar spartan sparta trojan titan zeus apollo
hercules unicorn unicornio fairy hada sirena mermaid sexy sexygirl sexyboy hottie pussy pussycat penis fuck fuckyou
fuckoff fucker motherfucker bitch bitches asshole dickhead bastard shit bullshit puta puto putamadre mierda merda
caralho cabron pendejo culo foda fodase porra suck biteme butthead stupid idiot idiota loser crazy loco loca maluco
maluca happy feliz felicidad felicidade smile sonrisa sorriso funny lucky7 cool awesome perfect perfecto beautiful
preciosa precious pretty cute gorgeous sweet dulce doce hot caliente smart smokey sparky buster boomer bailey maggie
molly max bella lola daisy ginger oreo toby duke cooper sadie sasha nena nene nino nina chico chica muchacha muchacho
gordo gorda gordito gordita flaco flaca flaquita negrito negrita negra morena moreno chino china chinita rubia loquita
loquito pelusa peluche osito conejito bombon caramelito chiquita chiquito pequena pequeno paloma gaviota colibri
condor quetzal cholo chola inca machupicchu maya azteca aztec apache cherokee cheyenne dakota geronimo camaleon
dinosaur dinosaurio trex school escuela escola college colegio university universidad universidade student estudiante
profesor professor teacher maestra doctor doctora medico nurse enfermera ingeniero engineer abogado lawyer police
policia firefighter bombero pilot piloto driver chofer secretaria gerente manager director president presidente
supervisor operador asesor agente contador marketing finanzas sales service servicio hospital clinica farmacia
restaurante hotel tienda mercado banco seguridad security seguro segura passport mountain montana ocean oceano beach
playa praia island isla rio forest bosque jungle selva desert sunset sunrise heaven cielito infinito infinity galaxy
universe universo planet planeta earth tierra jupiter saturn mars venus pluton space espacio rocket cohete apollo13
hardcore creative darkness spitfire stallion valentine maverick scooter trustno drowssap swordfish blackhawk
undertaker johncena rush2112 undertow passion pasion mystery misterio fantasy fantasia adventure aventura explorer
fearless believe dreamer dreams sueno suenos sonho victory revolution revolucion anarchy christmas navidad natal
halloween birthday cumpleanos aniversario vacaciones holiday fiesta party
`);

/** What they put behind a word to be let in. */
const TAILS = set(`
1 123 12 2 12345 1234 123456 01 3 7 10 11 13 22 21 23 69 77 88 99 00 007 321
2019 2020 2021 2022 2023 2024 2025 2026
`);
const LONGEST_TAIL = 6;

/**
 * On every such list, but the public documents register users with them, and a documented example
 * must work as printed.
 */
const DOCUMENTED = set('password123 senha123');

/**
 * Whether a password is one that attackers guess first, in any case. Some 40,000: words with tails,
 * doubled words, repeats (`12341234`), runs (`23456789`), dates of eight digits.
 */
export function isCommonPassword(password: string): boolean {
  const lower = password.normalize('NFKC').toLowerCase();
  if (DOCUMENTED.has(lower)) return false;
  return WHOLE.has(lower) || isWord(lower) || /^(.{1,4})\1+$/u.test(lower) || isRun(lower) || isDate(lower);
}

/** `dragonball`, `monkey123`, `holahola`. */
function isWord(text: string): boolean {
  const half = text.slice(0, text.length / 2);
  if (WORDS.has(text) || (text === half + half && WORDS.has(half))) return true;
  for (let length = 1; length <= LONGEST_TAIL; length++) {
    if (TAILS.has(text.slice(-length)) && WORDS.has(text.slice(0, -length))) return true;
  }
  return false;
}

/** `31121990`, `19901231`, `12311990`: a day of a lifetime. */
function isDate(text: string): boolean {
  const parts = /^(?:(\d\d)(\d\d)(?:19|20)\d\d|(?:19|20)\d\d(\d\d)(\d\d))$/.exec(text);
  if (!parts) return false;
  const [a, b] = [Number(parts[1] ?? parts[3]), Number(parts[2] ?? parts[4])];
  return Math.min(a, b) >= 1 && Math.min(a, b) <= 12 && Math.max(a, b) <= 31;
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
