// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/gate"
)

// Bounds on one object.
const (
	maxImages = 1000 // images named in it
	maxItems  = 1000 // objects in a list
)

// object is what admission has to know of one object.
type object struct {
	images      []Image
	annotations []map[string]string // of the object, and of the pod template in it
	deleting    bool                // it is being deleted: nothing new runs because of it
}

type metadata struct {
	Annotations       map[string]string `json:"annotations"`
	DeletionTimestamp string            `json:"deletionTimestamp"`
}

// shape is the part of every built-in object that names images, or says something about what does. It is read in one pass.
type shape struct {
	Metadata metadata       `json:"metadata"`
	Spec     *specShape     `json:"spec"`
	Template *templateShape `json:"template"`
	Data     jsontext.Value `json:"data"`
	Items    jsontext.Value `json:"items"`
}

type specShape struct {
	podSpec
	Template    *templateShape `json:"template"`
	JobTemplate *struct {
		Spec *specShape `json:"spec"`
	} `json:"jobTemplate"`
}

type templateShape struct {
	Metadata metadata `json:"metadata"`
	Spec     *podSpec `json:"spec"`
}

// podSpec is the part of a pod's specification that names images. Sidecars are init containers.
type podSpec struct {
	Containers          []container `json:"containers"`
	InitContainers      []container `json:"initContainers"`
	EphemeralContainers []container `json:"ephemeralContainers"`
	Volumes             []volume    `json:"volumes"`
	ServiceAccountName  string      `json:"serviceAccountName"`
	ServiceAccount      string      `json:"serviceAccount"` // its older name
	ImagePullSecrets    []struct {
		Name string `json:"name"`
	} `json:"imagePullSecrets"`
}

type volume struct {
	Name  string `json:"name"`
	Image *struct {
		Reference string `json:"reference"`
	} `json:"image"`
}

type container struct {
	Name  string `json:"name"`
	Image string `json:"image"`
}

// kinds says where images stand in which kinds of object.
type kinds struct{ custom map[GroupKind]Kind }

// extract finds every image of an object. A kind that could carry images where nobody looked is a reason to refuse.
// Where it was read with the review, it is not read again.
func (k kinds) extract(kind GroupKind, raw jsontext.Value, read *shape) (object, *gate.Reason) {
	kind.Version = ""
	if custom, ok := k.custom[kind]; ok {
		return k.extractCustom(custom, raw)
	}
	at, isTemplate := podTemplates[kind]
	item, isList := strings.CutSuffix(kind.Kind, "List")
	if !isTemplate && !isList {
		if isWithout(kind) {
			return object{}, nil
		}
		return object{}, unknownKind(kind)
	}
	s := read
	if s == nil {
		s = &shape{}
		if err := json.Unmarshal(raw, s); err != nil { // its bounds were checked with those of the review; names that are there twice are errors here too
			return object{}, malformed(kind, err)
		}
	}
	o := object{deleting: s.Metadata.DeletionTimestamp != ""}
	o.annotate(s.Metadata)
	if isTemplate {
		return o, o.pod(kind, at, s)
	}
	if s.Items == nil {
		return o, unknownKind(kind)
	}
	return o, o.list(k, GroupKind{Group: kind.Group, Kind: item}, s.Items)
}

func (k kinds) extractCustom(custom Kind, raw jsontext.Value) (object, *gate.Reason) {
	var s struct {
		Metadata metadata `json:"metadata"`
	}
	if err := attest.DecodeJSON(raw, &s); err != nil {
		return object{}, malformed(GroupKind{Group: custom.Group, Kind: custom.Kind}, err)
	}
	o := object{deleting: s.Metadata.DeletionTimestamp != ""}
	o.annotate(s.Metadata)
	return o, o.custom(custom, raw)
}

func unknownKind(kind GroupKind) *gate.Reason {
	return &gate.Reason{Code: CodeUnknownKind, Message: fmt.Sprintf("objects of kind %s could carry images, and nobody said where", kind), Fix: "name the kind and its paths under kinds in the admission configuration"}
}

// known reports whether the kind is one that is judged, or carries no image.
func (k kinds) known(kind GroupKind) bool {
	kind.Version = ""
	_, custom := k.custom[kind]
	_, template := podTemplates[kind]
	return custom || template || isWithout(kind)
}

func malformed(kind GroupKind, err error) *gate.Reason {
	return &gate.Reason{Code: CodeReview, Message: fmt.Sprintf("the %s in the review can't be read: %v", kind, err)}
}

func (o *object) annotate(m metadata) {
	if len(m.Annotations) > 0 {
		o.annotations = append(o.annotations, m.Annotations)
	}
}

// pod finds the pod's specification of a built-in kind, and the annotations of the template on the way.
func (o *object) pod(kind GroupKind, at string, s *shape) *gate.Reason {
	var template *templateShape
	switch {
	case at == "spec" && s.Spec != nil:
		return o.spec(kind, at, &s.Spec.podSpec)
	case at == "template.spec":
		template = s.Template
	case at == "spec.template.spec" && s.Spec != nil:
		template = s.Spec.Template
	case at == "spec.jobTemplate.spec.template.spec" && s.Spec != nil && s.Spec.JobTemplate != nil && s.Spec.JobTemplate.Spec != nil:
		template = s.Spec.JobTemplate.Spec.Template
	case at == "data.spec.template.spec":
		var data shape
		if len(s.Data) == 0 || attest.DecodeJSON(s.Data, &data) != nil || data.Spec == nil || data.Spec.Template == nil || data.Spec.Template.Spec == nil {
			return nil // of a controller that keeps something else in it
		}
		template = data.Spec.Template
	}
	if template == nil || template.Spec == nil {
		return &gate.Reason{Code: CodeNoImage, Message: fmt.Sprintf("the %s has no %s, so nothing in it could be judged", kind, at)}
	}
	o.annotate(template.Metadata)
	return o.spec(kind, at, template.Spec)
}

// spec reads the specification of a pod.
func (o *object) spec(kind GroupKind, at string, s *podSpec) *gate.Reason {
	if len(s.Containers) == 0 {
		return &gate.Reason{Code: CodeNoImage, Message: fmt.Sprintf("%s of the %s has no containers, so nothing in it could be judged", at, kind)}
	}
	from := s.pull()
	for _, list := range []struct {
		name string
		all  []container
	}{{"containers", s.Containers}, {"initContainers", s.InitContainers}, {"ephemeralContainers", s.EphemeralContainers}} {
		for i, c := range list.all {
			if r := o.add(at+"."+list.name+"["+strconv.Itoa(i)+"] ("+clean(c.Name, 63)+")", c.Image, from); r != nil {
				return r
			}
		}
	}
	for i, v := range s.Volumes {
		if v.Image == nil {
			continue
		}
		if r := o.add(at+".volumes["+strconv.Itoa(i)+"] ("+clean(v.Name, 63)+")", v.Image.Reference, from); r != nil {
			return r
		}
	}
	return nil
}

func (o *object) add(place, text string, from pull) *gate.Reason {
	if len(o.images) >= maxImages {
		return &gate.Reason{Code: CodeTooMany, Message: fmt.Sprintf("the object names more than %d images", maxImages)}
	}
	o.images = append(o.images, Image{Place: place, Text: text, from: from})
	return nil
}

// list reads the objects in a list. Those of a typed list need not say their kind.
func (o *object) list(k kinds, item GroupKind, raw jsontext.Value) *gate.Reason {
	var items []jsontext.Value
	if err := attest.DecodeJSON(raw, &items); err != nil {
		return malformed(item, err)
	}
	if len(items) > maxItems {
		return &gate.Reason{Code: CodeTooMany, Message: fmt.Sprintf("the list holds more than %d objects", maxItems)}
	}
	for i, one := range items {
		var h struct {
			APIVersion string `json:"apiVersion"`
			Kind       string `json:"kind"`
		}
		if err := attest.DecodeJSON(one, &h); err != nil {
			return malformed(item, err)
		}
		kind := item
		if h.Kind != "" {
			group, _, ok := strings.Cut(h.APIVersion, "/")
			if !ok {
				group = ""
			}
			kind = GroupKind{Group: group, Kind: h.Kind}
		}
		if strings.HasSuffix(kind.Kind, "List") {
			return &gate.Reason{Code: CodeReview, Message: "a list within a list"}
		}
		inner, r := k.extract(kind, one, nil)
		if r != nil {
			return r
		}
		o.annotations = append(o.annotations, inner.annotations...)
		for _, x := range inner.images {
			if r := o.add(fmt.Sprintf("items[%d].%s", i, x.Place), x.Text, x.from); r != nil {
				return r
			}
		}
	}
	return nil
}

// unchanged reports whether every image stood in the object before, at the same place.
func (o *object) unchanged(before object) bool {
	was := map[string]string{}
	for _, i := range before.images {
		was[i.Place] = i.Text
	}
	for _, i := range o.images {
		if text, ok := was[i.Place]; !ok || text != i.Text {
			return false
		}
	}
	return true
}
