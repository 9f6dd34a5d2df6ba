from generation.plan import *
def write(prompt, cast, seconds, *, seed):
    h=seconds/2
    who=tuple(r.speaker for r in cast)
    return Screenplay("t","s","garden",(Shot(0,h,"wide",who=who),Shot(h,seconds,"close_up",who=who)),"calm")
