"""What the screen says, in French, where a test looks for it."""

# Everywhere
SKIP = "Aller au contenu"
MAIN = "Principale"
YOUR_PAGE = "Votre page"

# Accounts
SIGN_UP = "S’inscrire"
SIGN_IN = "Se connecter"
NAME = "Nom"
E_MAIL = "Adresse e-mail"
PASSWORD = "Mot de passe"
PASSWORD_AGAIN = "Mot de passe (confirmation)"
NAME_OR_E_MAIL = "Nom ou adresse e-mail"
MAIL_SENT = "Un e-mail est en route"
CONFIRM_ADDRESS = "Oui, la confirmer"

# Essays
PARAGRAPH = "Paragraphe {}"
ORIGINAL_COMMENT = "Commentaire d’origine {}"
AS_RECEIVED = "Tel que reçu"

# Writing
DEFINITIONS = "Définitions"
CLAUSE = "Clause {}"
CLAUSE_TEXT = "Texte de la clause {}"
IS_NOT = "n’est pas"
ADD_CLAUSE = "Ajouter une clause"
EXPLANATION = "Explication"
YOUR_REPLY = "Votre réponse"
WRITE = "Écrire"
READ_OVER = "Relire"
AS_READ = "Tel qu’on le lira"
SEND_DEFINITION = "Proposer la définition"
SEND_REPLY = "Envoyer la réponse"
EDIT = "Modifier"
KEEP_VERSION = "Enregistrer la nouvelle version"
WITHDRAW = "Retirer"
WITHDRAW_IT = "Retirer le texte"
TO_CORRECT = "À corriger"
NO_CLAUSE = "Une définition dit au moins une chose : remplissez une clause."
FIELD_REQUIRED = "Ce champ est obligatoire."

REPLY_TO = "Répondre à {}"
TO_MENTION = "Membres à citer"
USEFUL = "Utile"
NOT_USEFUL = "Pas utile"
BELOW = "Réponses ci-dessous"

# What became of a text
KEPT = "Votre texte est enregistré."
PUBLISHED = "Votre texte est publié."
WAITS = "Ce texte est en attente"
WHY_IT_WAITS = "Les community managers lisent les premiers textes de chaque membre"
WAITING = "en attente"
HIDDEN_HERE = "Texte masqué."
IS_HIDDEN = "Ce texte est masqué"
WAS_REFUSED = "Ce texte a été refusé"
IS_WITHDRAWN = "Ce texte est retiré"

# Moderating
POSTS = "Messages"
DESK = "Pupitre"
MODERATE = "Modérer"
APPROVE = "Approuver"
REFUSE = "Refuser"
HIDE = "Masquer"
GROUND = "Motif"
OFF_TOPIC = "hors sujet"
REASON = "Raison, en clair"
DONE = "C’est fait"
ADMIN_ACTION = "Action"
ADMIN_GO = "Envoyer"
ADMIN_DONE = "1 décision inscrite au journal."
DOWNLOAD_RECORD = "Télécharger journal.jsonl"

# A text begun and left
DRAFT = "Ce navigateur garde un texte que vous aviez commencé ici."
TAKE_UP = "Le reprendre"
DISCARD = "L’effacer"

# Passages
DISCUSS_PARAGRAPH = "Discuter ce paragraphe"
REPLY_TO_PASSAGE = "Répondre à ce passage"
THE_PASSAGE = "Le passage"
NOT_TO_THE_LETTER = "Ces mots n’y sont pas à la lettre"
QUOTE = "Citer"
WORDS_QUOTED = "Les mots que vous citez"
