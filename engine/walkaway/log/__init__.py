"""The log: decisions recorded for good, replayed to the same bytes, and proved to those who trust nobody."""

from typing import TYPE_CHECKING

from walkaway.language.later import exported

if TYPE_CHECKING:
    from walkaway.log.append import kept_rates as kept_rates
    from walkaway.log.auditing import audit as audit
    from walkaway.log.erasing import NothingToErase as NothingToErase
    from walkaway.log.erasing import erase as erase
    from walkaway.log.erasing import texts_of_deal as texts_of_deal
    from walkaway.log.erasing import texts_of_event as texts_of_event
    from walkaway.log.erasing import texts_of_person as texts_of_person
    from walkaway.log.leaves import FORMAT as FORMAT
    from walkaway.log.notes import BadNote as BadNote
    from walkaway.log.notes import Checkpoint as Checkpoint
    from walkaway.log.notes import SigningKey as SigningKey
    from walkaway.log.notes import checkpoint_of as checkpoint_of
    from walkaway.log.notes import new_key as new_key
    from walkaway.log.notes import read_checkpoint as read_checkpoint
    from walkaway.log.notes import sign_note as sign_note
    from walkaway.log.open import store_files as store_files
    from walkaway.log.policies import Policies as Policies
    from walkaway.log.policies import PolicyLost as PolicyLost
    from walkaway.log.policies import files_of as files_of
    from walkaway.log.preview import DealNow as DealNow
    from walkaway.log.preview import DecisionChanged as DecisionChanged
    from walkaway.log.preview import Preview as Preview
    from walkaway.log.preview import append_as_shown as append_as_shown
    from walkaway.log.preview import recorded_policy as recorded_policy
    from walkaway.log.preview import same as same
    from walkaway.log.problems import StoreProblem as StoreProblem
    from walkaway.log.proofs import BadProof as BadProof
    from walkaway.log.proofs import check_consistency as check_consistency
    from walkaway.log.proofs import check_inclusion as check_inclusion
    from walkaway.log.proofs import consistency_proof as consistency_proof
    from walkaway.log.proofs import inclusion_proof as inclusion_proof
    from walkaway.log.questions import Fired as Fired
    from walkaway.log.questions import LogQuestion as LogQuestion
    from walkaway.log.record import RELEASE as RELEASE
    from walkaway.log.record import Recorder as Recorder
    from walkaway.log.replaying import Difference as Difference
    from walkaway.log.replaying import Rejudged as Rejudged
    from walkaway.log.replaying import Unreplayed as Unreplayed
    from walkaway.log.replaying import replay as replay
    from walkaway.log.reports import SEALED as SEALED
    from walkaway.log.reports import DecisionRow as DecisionRow
    from walkaway.log.reports import Reports as Reports
    from walkaway.log.seal import SealedText as SealedText
    from walkaway.log.store import LogEntry as LogEntry
    from walkaway.log.store import Store as Store
    from walkaway.log.store import deals as deals
    from walkaway.log.store import entries as entries
    from walkaway.log.store import entry as entry
    from walkaway.log.store import erasures as erasures
    from walkaway.log.store import has_deal as has_deal
    from walkaway.log.store import last_of_deals as last_of_deals
    from walkaway.log.store import leaf_hashes as leaf_hashes
    from walkaway.log.store import of_deal as of_deal
    from walkaway.log.store import policy_names as policy_names
    from walkaway.log.store import size as size
    from walkaway.log.store import tree as tree
    from walkaway.log.verify import Verified as Verified
    from walkaway.log.verify import Witness as Witness
    from walkaway.log.verify import folder_of as folder_of
    from walkaway.log.views import Erasure as Erasure
    from walkaway.log.views import Unshown as Unshown
    from walkaway.log.views import View as View
    from walkaway.log.views import Views as Views
    from walkaway.log.views import named as named
    from walkaway.log.views import recorded_history as recorded_history
    from walkaway.log.views import search as search
    from walkaway.log.whole import NotUpgraded as NotUpgraded
    from walkaway.log.whole import size_of as size_of
    from walkaway.log.whole import upgrade as upgrade
    from walkaway.log.whole import verified as verified

__getattr__ = exported(
    __name__,
    {
        "BadNote": "notes",
        "BadProof": "proofs",
        "DecisionChanged": "preview",
        "Checkpoint": "notes",
        "Difference": "replaying",
        "Erasure": "views",
        "FORMAT": "leaves",
        "Fired": "questions",
        "LogEntry": "store",
        "NotUpgraded": "whole",
        "NothingToErase": "erasing",
        "Policies": "policies",
        "PolicyLost": "policies",
        "Preview": "preview",
        "RELEASE": "record",
        "Recorder": "record",
        "Rejudged": "replaying",
        "Reports": "reports",
        "DecisionRow": "reports",
        "SEALED": "reports",
        "SealedText": "seal",
        "SigningKey": "notes",
        "DealNow": "preview",
        "Store": "store",
        "StoreProblem": "problems",
        "Unreplayed": "replaying",
        "Unshown": "views",
        "Verified": "verify",
        "View": "views",
        "Views": "views",
        "LogQuestion": "questions",
        "Witness": "verify",
        "append_as_shown": "preview",
        "audit": "auditing",
        "check_consistency": "proofs",
        "check_inclusion": "proofs",
        "checkpoint_of": "notes",
        "consistency_proof": "proofs",
        "erase": "erasing",
        "files_of": "policies",
        "folder_of": "verify",
        "kept_rates": "append",
        "inclusion_proof": "proofs",
        "named": "views",
        "new_key": "notes",
        "read_checkpoint": "notes",
        "recorded_history": "views",
        "recorded_policy": "preview",
        "replay": "replaying",
        "same": "preview",
        "search": "views",
        "sign_note": "notes",
        "size_of": "whole",
        "store_files": "open",
        "texts_of_deal": "erasing",
        "texts_of_event": "erasing",
        "texts_of_person": "erasing",
        "upgrade": "whole",
        "deals": "store",
        "entries": "store",
        "entry": "store",
        "erasures": "store",
        "has_deal": "store",
        "last_of_deals": "store",
        "leaf_hashes": "store",
        "of_deal": "store",
        "policy_names": "store",
        "size": "store",
        "tree": "store",
        "verified": "whole",
    },
)
