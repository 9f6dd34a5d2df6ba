-- What clips are about, what somebody asked their feed for, and what search reads (docs/feed.md).
create extension if not exists pg_trgm;
create extension if not exists unaccent;

-- Words as they are compared: lower case, no accents, no punctuation; a Chinese character, kana or hangul is a word by
-- itself. The same on every machine and in every collation.
create function plain_words(given text) returns text language sql immutable strict parallel safe as $$
    select btrim(regexp_replace(regexp_replace(
        lower(public.unaccent('public.unaccent', normalize(given, nfkc)) collate pg_c_utf8),
        '([\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff\uac00-\ud7a3])', ' \1 ', 'g'),
        '[^[:alnum:]]+', ' ', 'g'))
$$;

-- `horror*`: every word that begins so. Several words: in this order.
create function topic_query(given text) returns tsquery language sql immutable strict parallel safe as $$
    select case
        when given like '%*' then to_tsquery('simple'::regconfig, plain_words(given) || ':*')
        else phraseto_tsquery('simple'::regconfig, plain_words(given))
    end
$$;

-- All of these words, each of which may go on, with or without the s of a plural; unspaced characters follow each other.
-- Null where there are none.
create function words_query(given text) returns tsquery language sql immutable strict parallel safe as $$
    select to_tsquery('simple'::regconfig, string_agg(
        case when number = 1 then '' when lone and lag_lone then ' <-> ' else ' & ' end
        || quote_literal(case when word ~ '[^s]s$' and length(word) > 3 then rtrim(word, 's') else word end)
        || case when lone or length(word) < 2 then '' else ':*' end, '' order by number))
    from (
        select word, number, word ~ '^[\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff\uac00-\ud7a3]$' as lone,
            lag(word ~ '^[\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff\uac00-\ud7a3]$') over (order by number) as lag_lone
        from regexp_split_to_table(plain_words(given), ' +') with ordinality each_word (word, number) where word <> ''
    ) said
$$;

create table topic (
    name     text primary key,
    within   text references topic,
    language text, -- of a clip's lines: clips in it are about it
    kind     text check (kind in ('person', 'pet', 'object', 'drawn')) -- of a character: clips that show one are about it
);
create table topic_word (
    topic    text not null references topic on delete cascade,
    word     text not null,
    opposite boolean not null default false, -- who asks for more of it asks for less of the topic; says nothing of a clip
    query    tsquery not null generated always as (topic_query(word)) stored,
    plain    text not null generated always as (plain_words(word)) stored,
    primary key (topic, word)
);
create index on topic_word using gin (plain gin_trgm_ops);

-- Of clips that are published and not removed. `words`: caption (A), names (B), prompt and screenplay (C).
create table clip_words (
    clip         uuid primary key references clip on delete cascade,
    published_at timestamptz not null,
    caption      text not null, -- plain
    words        tsvector not null,
    embedding    vector -- where there is an endpoint that makes them
);
create index on clip_words using gin (words);
create index on clip_words using gin (caption gin_trgm_ops);
create index on clip_words (published_at desc, clip desc);
create index on clip_words (published_at desc) where embedding is null;

create table clip_topic (
    clip         uuid not null references clip on delete cascade,
    topic        text not null references topic on delete cascade,
    published_at timestamptz not null,
    primary key (clip, topic)
);
create index on clip_topic (topic, published_at desc, clip desc);

create function words_of_screenplay(screenplay jsonb) returns text language sql immutable as $$
    select coalesce(string_agg(one #>> '{}', ' '), '') from unnest(array['$.title', '$.style', '$.setting',
        '$.shots[*].action', '$.shots[*].sound', '$.shots[*].lines[*].text']::jsonpath[]) of_it,
        jsonb_path_query(screenplay, of_it) one
$$;

-- 0.85 is what a line has that is shouted (generation/prompts/mood.py).
create function describe_clip(of_clip uuid) returns void language plpgsql as $$
begin
    delete from clip_topic where clip = of_clip;
    insert into clip_words (clip, published_at, caption, words)
    select c.id, c.published_at, plain_words(c.caption),
        setweight(to_tsvector('simple', plain_words(c.caption)), 'A')
        || setweight(to_tsvector('simple', plain_words(coalesce(shown.names, ''))), 'B')
        || setweight(to_tsvector('simple', plain_words(
            left(c.prompt, 4000) || ' ' || coalesce(words_of_screenplay(c.screenplay), '')
        )), 'C')
    from clip c, lateral (
        select string_agg(k.name || case when k.kind <> 'person' then ' ' || k.preferences else '' end, ' ') as names
        from use u join character k on k.id = u.character where u.clip = c.id
    ) shown
    where c.id = of_clip and c.published_at is not null and c.removed_at is null
    on conflict (clip) do update set published_at = excluded.published_at, caption = excluded.caption,
        words = excluded.words, embedding = null;
    if not found then
        delete from clip_words where clip = of_clip;
        return;
    end if;
    insert into clip_topic (clip, topic, published_at)
    with said as (
        select t.* from clip_words w join topic_word o on w.words @@ o.query join topic t on t.name = o.topic
        where w.clip = of_clip and not o.opposite
        union
        select t.* from clip c join topic t on t.language = lower(split_part(c.screenplay ->> 'language', '-', 1))
        where c.id = of_clip
        union
        select t.* from use u join character k on k.id = u.character join topic t on t.kind = k.kind where u.clip = of_clip
        union
        select t.* from clip c join topic t on t.name = 'loud'
        where c.id = of_clip and jsonb_path_exists(c.screenplay, '$.shots[*].lines[*] ? (@.energy >= 0.85)')
    ), found_ as (select name from said union select within from said where within is not null)
    select of_clip, f.name, c.published_at from found_ f join clip c on c.id = of_clip;
end
$$;
create function describe_published() returns trigger language plpgsql as $$
begin
    perform describe_clip(new.id);
    return null;
end
$$;
create trigger describe_made after insert on clip for each row
    when (new.published_at is not null) execute function describe_published();
create trigger describe_changed after update of published_at, removed_at, caption on clip for each row
    when (old.published_at is distinct from new.published_at or old.removed_at is distinct from new.removed_at
        or old.caption <> new.caption)
    execute function describe_published();

-- What somebody told their feed, as they said it, and what was understood of it.
create table steering (
    account        uuid primary key references account on delete cascade,
    text           text not null,
    not_understood text[] not null,
    at             timestamptz not null default now()
);
create table steering_chip (
    id        uuid primary key default uuidv7(),
    account   uuid not null references steering on delete cascade,
    direction text not null check (direction in ('more', 'less', 'none')),
    topic     text references topic on delete cascade, -- null: the words themselves
    words     text not null, -- as they were said
    query     tsquery, -- of the words, where there is no topic
    embedding vector,
    check ((topic is null) = (query is not null))
);
create index on steering_chip (account, id);

create table feed_feedback (
    id      uuid primary key default uuidv7(),
    account uuid not null references account on delete cascade,
    kind    text not null check (kind in ('less_like_this', 'more_like_this', 'hide_creator')),
    clip    uuid references clip on delete cascade,
    creator uuid references account on delete cascade,
    at      timestamptz not null default now(),
    unique (account, clip),
    unique (account, creator),
    check ((kind = 'hide_creator') = (creator is not null)),
    check ((clip is null) = (creator is not null)),
    check (account <> creator)
);
create index on feed_feedback (account, id);
create index on feed_feedback (clip);
create index on feed_feedback (creator);

-- Calm mode (docs/decisions/0030): who has chosen; and of the day that is open, which clips were given out.
create table calm_choice (
    account uuid primary key references account on delete cascade,
    calm    boolean not null
);
create function feed_is_calm(viewer uuid) returns boolean language sql stable as $$
    select case
        when a.birth_date > current_date - interval '16 years' then true
        else coalesce(c.calm, a.birth_date > current_date - interval '18 years')
    end
    from account a left join calm_choice c on c.account = a.id where a.id = viewer
$$;
create table calm_day (
    account   uuid primary key references account on delete cascade,
    ends_at   timestamptz not null,
    served    uuid[] not null
) with (fillfactor = 70);

create index on account using gin (plain_words(handle::text) gin_trgm_ops);
create index on account using gin (plain_words(display_name) gin_trgm_ops);
create index on character using gin (plain_words(handle::text) gin_trgm_ops) where state = 'ready';
create index on character using gin (plain_words(name) gin_trgm_ops) where state = 'ready';

insert into topic (name, within, language, kind) values
    ('animals', null, null, 'pet'), ('dogs', 'animals', null, null), ('cats', 'animals', null, null),
    ('horses', 'animals', null, null), ('birds', 'animals', null, null),
    ('politics', null, null, null), ('news', null, null, null), ('religion', null, null, null),
    ('loud', null, null, null), ('horror', null, null, null), ('violence', null, null, null),
    ('romance', null, null, null), ('comedy', null, null, null), ('family', null, null, null),
    ('sports', null, null, null), ('football', 'sports', null, null), ('food', null, null, null),
    ('music', null, null, null), ('dancing', null, null, null), ('travel', null, null, null),
    ('nature', null, null, null), ('school', null, null, null), ('work', null, null, null),
    ('gaming', null, null, null), ('science', null, null, null), ('space', null, null, null),
    ('cars', null, null, null), ('fashion', null, null, null), ('money', null, null, null),
    ('cartoons', null, null, 'drawn'),
    ('english', null, 'en', null), ('german', null, 'de', null), ('french', null, 'fr', null),
    ('spanish', null, 'es', null), ('japanese', null, 'ja', null), ('chinese', null, 'zh', null);

insert into topic_word (topic, word) select topic, unnest(string_to_array(words, ' ')) from (values
    ('animals', 'animal animals pet pets wildlife tiere haustier* animaux animal* mascota* 動物 动物 ペット 宠物'),
    ('dogs', 'dog dogs doggo* doggy puppy puppies hound hounds poodle* dachshund* hund hunde hunden hündchen welpe* '
        'chien* chiot* perro* perrito* cachorro* 犬 狗 いぬ イヌ 子犬 わんこ'),
    ('cats', 'cat cats kitten* kitty kitties katze* kätzchen kater chats chatte chaton* gato* gatito* gata gatas '
        '猫 ねこ ネコ 子猫'),
    ('horses', 'horse* pony ponies pferd* cheval chevaux caballo* 馬 骑马'),
    ('birds', 'bird* parrot* vogel vögel oiseau* pájaro* 鳥 鸟'),
    ('politics', 'politics political politi* election* elections vote votes voting president* senator* parliament* '
        'government* congress wahl wahlen regierung* präsident* bundestag élection* gouvernement* président* '
        'elecciones gobierno* presidente* 政治 選挙 选举 政府 大統領 总统'),
    ('news', 'news headline* newscast* nachrichten tagesschau actualité* noticia* noticias ニュース 新闻'),
    ('religion', 'religio* church* pray prayer* praying mosque* temple* bible kirche* gebet* église* iglesia* '
        '宗教 教会'),
    ('loud', 'loud louder loudly noise noisy shout* yell* scream* bellow* laut lauter lautes geschrei schreien schreit '
        'schrei brüllen brüllt lärm cri cris crie crier crient hurle* hurlement* bruyant* grito* gritar gritan gritando '
        'ruido* ruidoso* 喊 吼 尖叫 大叫 叫び 怒鳴 吵 うるさい 騒音'),
    ('horror', 'horror* ghost* haunted zombie* scary creepy spooky vampire* monster monsters nightmare* grusel* gespenst* '
        'geist geister fantôme* horreur* effrayant* fantasma* terror miedo ホラー 幽霊 怖 恐怖 鬼'),
    ('violence', 'violen* fight fights fighting fighter* gun guns weapon* blood bloody murder* gewalt* waffe* mord '
        'bagarre* arme armes sang violencia* pelea* sangre 暴力 戦い 打架 武器'),
    ('romance', 'romance* romantic* kiss kisses kissing valentine* wedding* dating flirt* liebe romantisch* kuss küsse '
        'hochzeit* amour* mariage* bisou* amor beso* boda* 恋 愛 爱情 キス 結婚'),
    ('comedy', 'comedy comedies comedian* funny joke jokes prank* humor humour hilarious sketch lustig* witz witze komisch* '
        'drôle* blague* gracios* chiste* comedia* 笑 お笑い 搞笑 幽默 ギャグ'),
    ('family', 'family families mother* father* mum mom dad grandma* grandpa* grandmother* baby babies familie* mutter '
        'vater oma opa famille* mère père bébé* familia* madre padre abuel* bebé* 家族 家庭 妈妈 爸爸 お母さん'),
    ('sports', 'sport sports sporty athlet* basketball tennis running marathon gym workout* swim swims swimming surfing surfer* skate* '
        'skateboard* skiing yoga turnen schwimmen nager deporte* deportes natación スポーツ 体育 运动 運動 篮球'),
    ('football', 'football* soccer goalkeeper* fußball* futbol fútbol サッカー 足球 フットボール'),
    ('food', 'food foods cook* cooking bake* baking recipe* kitchen chef* pizza* pasta cake* noodle* ramen sushi restaurant* '
        'breakfast dinner essen kochen kocht kuchen küche rezept* cuisine* manger gâteau* recette* comida* cocina* '
        'cocinar receta* 料理 食 美食 做饭 寿司 ラーメン'),
    ('music', 'music* song songs sing sings singing singer* guitar* piano* violin* drum drums band concert* musik* '
        'lieder singt singen gesang gitarre* klavier* musique* chanson* chanter chante música* canción canciones cantar '
        'canta 音楽 音乐 歌 ギター ピアノ 吉他'),
    ('dancing', 'dance* dancing dancer* ballet tango tanz tanzen tanzt tänze* danse* danser baile* bailar ダンス 踊 舞'),
    ('travel', 'travel* trip trips journey* vacation* holiday* airport* tourist* backpack* reise* reisen urlaub* '
        'voyage* vacances viaje* viajar vacaciones 旅行 旅 旅游'),
    ('nature', 'nature forest* mountain* ocean* beach* river* lake* garden* wald wälder berg berge meer strand fluss natur '
        'garten forêt* montagne* plage* bosque* montaña* playa* naturaleza 自然 森 山 海 大自然'),
    ('school', 'school* teacher* classroom* homework exam exams student* university college schule* lehrer* hausaufgabe* '
        'école* professeur* devoirs escuela* colegio* maestr* tarea* 学校 先生 老师 宿題 作业'),
    ('work', 'office* boss coworker* colleague* meeting meetings job jobs büro* arbeit* bureau* travail* '
        'oficina* trabajo* jefe* 仕事 会社 工作 办公室'),
    ('gaming', 'gaming gamer* videogame* esport* minecraft console* speedrun* zocken computerspiel* videospiel* '
        'videojuego* ゲーム 游戏 電競'),
    ('science', 'science* scientist* scientific* physics chemistry biology experiment* laborator* robot* wissenschaft* '
        'physik chemie savant* expérience* ciencia* científic* experimento* 科学 実験 实验 機器人 机器人'),
    ('space', 'space spaceship* astronaut* rocket* planet* galaxy mars moon weltraum* weltall mond rakete* espace '
        'fusée* lune espacio* cohete* luna 宇宙 太空 火箭'),
    ('cars', 'car cars driving race racing racecar* motorcycle* motorbike* truck* autos motorrad* voiture* '
        'coche* carro carros 車 汽车 くるま'),
    ('fashion', 'fashion* outfit* dress dresses makeup clothes kleid kleider vêtement* robe robes maquillage '
        'moda ropa vestido* ファッション 时尚 化妆'),
    ('money', 'money crypto* bitcoin* invests investing investor* investment* stock stocks bank banks rich geld aktie* argent riche dinero* お金 钱 投資 '
        '投资'),
    ('cartoons', 'cartoon* anime animated animation* comic comics manga zeichentrick* dessin animé dibujo* アニメ 动画 動漫 '
        '漫画'),
    ('english', 'english englisch anglais inglés 英語 英语'), ('german', 'german deutsch allemand alemán ドイツ語 德语'),
    ('french', 'french französisch français francés フランス語 法语'),
    ('spanish', 'spanish spanisch espagnol español スペイン語 西班牙语'),
    ('japanese', 'japanese japanisch japonais japonés 日本語 日语'),
    ('chinese', 'chinese chinesisch chinois chino mandarin 中国語 中文')
) as given (topic, words);
insert into topic_word (topic, word, opposite) select 'loud', unnest(string_to_array(
    'quiet calm silence silent peaceful relaxing soft gentle ruhe ruhig* leise calme* tranquil* doux silencio '
    'silencios* tranquilo* 静 安静 平静', ' ')), true;

select describe_clip(id) from clip where published_at is not null;
